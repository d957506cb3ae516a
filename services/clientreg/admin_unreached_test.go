package clientreg_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/strongroom-fapi/strongroom/platform/audit"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// raw sends bytes as they are.
type raw struct{}

func (raw) Name() string                        { return "raw" }
func (raw) Marshal(message any) ([]byte, error) { return message.([]byte), nil }
func (raw) Unmarshal(_ []byte, _ any) error     { return nil }
func (o *operated) send(t *testing.T, conn *grpc.ClientConn, method string, message []byte) error {
	t.Helper()
	var reply []byte
	return conn.Invoke(o.context(), method, message, &reply, grpc.ForceCodec(raw{}))
}

// TestWhatReachesNoMethodIsWrittenDown, over both faces, once and bounded: an operator
// who tries what there is not is looking for something.
func TestWhatReachesNoMethodIsWrittenDown(t *testing.T) {
	eachSQL(t, func(t *testing.T, of *replica) {
		o := of.operated(t)
		identity := o.ca.Identity(t, "reader")
		conn := o.conn(t, identity)
		var want []string
		for _, row := range []struct {
			method  string
			message string
			code    codes.Code
		}{
			{"/strongroom.admin.v1.AdminService/WriteIssuer", "", codes.Unimplemented},
			{"/strongroom.keys.v1.KeysService/Sign", "", codes.Unimplemented},
			{"/" + strings.Repeat("x", 1000) + "/y", "", codes.Unimplemented},
			{"/nothing", "", codes.Unimplemented},
			{adminv1.AdminService_GetClient_FullMethodName, "\xff", codes.Internal},
		} {
			wantCode(t, o.send(t, conn, row.method, []byte(row.message)), row.code)
			want = append(want, row.code.String()+" POST "+row.method)
		}
		base := "/v1/issuers/" + o.here.Name
		for _, row := range []struct {
			method, path, body string
			status             int
			code               codes.Code
		}{
			{http.MethodGet, "/v1/keys", "", 404, codes.NotFound},
			{http.MethodGet, "/" + strings.Repeat("x", 1000), "", 404, codes.NotFound},
			{http.MethodPut, base + "/clients", "", 501, codes.Unimplemented},
			{http.MethodPost, base + "/check-certificate", "no JSON", 400, codes.InvalidArgument},
			{http.MethodGet, base + "/clients?colour=red", "", 400, codes.InvalidArgument},
		} {
			if got, answer := o.ask(t, identity, row.method, row.path, row.body); got != row.status {
				t.Errorf("%s: %d, %v", row.path, got, answer)
			}
			path, _, _ := strings.Cut(row.path, "?")
			want = append(want, row.code.String()+" "+row.method+" "+path)
		}
		o.register() // it waits for the trail, and all before it is written
		var got []string
		for _, e := range o.events(t, audit.Refused) {
			got = append(got, e.Error+" "+e.Method)
			if e.Actor != "dns:reader" || e.InteractionID == "" || len(e.Method) > 255 {
				t.Errorf("%+v", e)
			}
		}
		for n := range want {
			code, method, _ := strings.Cut(want[n], " ")
			want[n] = code + " " + method[:min(len(method), 255)]
		}
		slices.Sort(got) // the answer is there a moment before the event
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
