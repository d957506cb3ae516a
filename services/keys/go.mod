module github.com/strongroom-fapi/strongroom/services/keys

go 1.26

