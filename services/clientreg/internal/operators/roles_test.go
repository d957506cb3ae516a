package operators

import (
	"maps"
	"slices"
	"strings"
	"testing"

	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// TestRoleTable: every method of the contract is in the table, and what is not is
// refused, whatever the role.
func TestRoleTable(t *testing.T) {
	service := adminv1.AdminService_ServiceDesc
	for _, m := range service.Methods {
		if name := "/" + service.ServiceName + "/" + m.MethodName; !permits(Operator, name) {
			t.Errorf("no operator may call %s: it is missing in the table", name)
		}
	}
	if len(methods) != len(service.Methods) {
		t.Errorf("the table has %d methods, the contract %d", len(methods), len(service.Methods))
	}
	for _, name := range []string{"", "/strongroom.admin.v1.AdminService/WriteIssuer", "/strongroom.admin.v1.AdminService/listissuers"} {
		for _, role := range append([]Role{""}, Roles...) {
			if permits(role, name) {
				t.Errorf("%q may call %q", role, name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		if strings.Contains(name, "/Check") != slices.Contains(checks, name) {
			t.Errorf("%s: every check is counted, and nothing else", name)
		}
	}
	if permits("", adminv1.AdminService_ListIssuers_FullMethodName) {
		t.Error("who has no role may call")
	}
}
