module github.com/strongroom-fapi/strongroom/resource

go 1.26

