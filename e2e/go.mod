module github.com/strongroom-fapi/strongroom/e2e

go 1.26

