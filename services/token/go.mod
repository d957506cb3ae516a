module github.com/strongroom-fapi/strongroom/services/token

go 1.26

