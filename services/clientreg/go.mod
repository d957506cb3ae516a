module github.com/strongroom-fapi/strongroom/services/clientreg

go 1.26

