package metadata

import (
	"reflect"
	"strings"
	"testing"
)

// TestCertificateNames: every member that names a certificate is judged, and none
// stays where it must not.
func TestCertificateNames(t *testing.T) {
	c := Client{ClientName: "A"}
	want := map[string]string{}
	of := reflect.ValueOf(&c).Elem()
	for i := range of.NumField() {
		member, _, _ := strings.Cut(of.Type().Field(i).Tag.Get("json"), ",")
		if strings.HasPrefix(member, "tls_client_auth_") {
			of.Field(i).SetString("name of " + member)
			want[member] = "name of " + member
		}
	}
	if got := c.CertificateNames(); len(want) != 5 || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := c.WithoutCertificateNames(); !reflect.DeepEqual(got, Client{ClientName: "A"}) {
		t.Errorf("left is %+v", got)
	}
}
