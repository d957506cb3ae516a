module github.com/strongroom-fapi/strongroom/gateway

go 1.26

