// Package operators is how operators reach the admin API: who they are, which role
// they have, what a role may do, and how every call is written down.
package operators

import (
	"slices"

	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// Role is what an operator may do.
type Role string

// The roles. Whoever is an operator is a reader too.
const (
	// Reader looks, checks and explains.
	Reader Role = "reader"
	// Operator also registers, suspends, resumes and deletes clients.
	Operator Role = "operator"
)

// Roles are all.
var Roles = []Role{Reader, Operator}

var both = []Role{Reader, Operator}

// methods is which role may call what. A method that is missing here is refused.
var methods = map[string][]Role{
	adminv1.AdminService_ListIssuers_FullMethodName:       both,
	adminv1.AdminService_CheckIssuer_FullMethodName:       both,
	adminv1.AdminService_ListFrameworks_FullMethodName:    both,
	adminv1.AdminService_CheckFramework_FullMethodName:    both,
	adminv1.AdminService_ListClients_FullMethodName:       both,
	adminv1.AdminService_GetClient_FullMethodName:         both,
	adminv1.AdminService_ExplainRefusal_FullMethodName:    both,
	adminv1.AdminService_CheckRegistration_FullMethodName: both,
	adminv1.AdminService_CheckCertificate_FullMethodName:  both,

	adminv1.AdminService_RegisterClient_FullMethodName: {Operator},
	adminv1.AdminService_SuspendClient_FullMethodName:  {Operator},
	adminv1.AdminService_ResumeClient_FullMethodName:   {Operator},
	adminv1.AdminService_DeleteClient_FullMethodName:   {Operator},
}

// checks are the methods that have hosts outside asked, so that they are counted.
var checks = []string{
	adminv1.AdminService_CheckIssuer_FullMethodName,
	adminv1.AdminService_CheckFramework_FullMethodName,
	adminv1.AdminService_CheckRegistration_FullMethodName,
	adminv1.AdminService_CheckCertificate_FullMethodName,
}

// permits tells whether a role may call a method.
func permits(role Role, method string) bool { return slices.Contains(methods[method], role) }
