module github.com/strongroom-fapi/strongroom/services/par

go 1.26

