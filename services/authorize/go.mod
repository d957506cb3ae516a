module github.com/strongroom-fapi/strongroom/services/authorize

go 1.26

