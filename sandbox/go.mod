module github.com/strongroom-fapi/strongroom/sandbox

go 1.26

