package rig

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// The second node is a client registry, a token service and a gateway more, on the
// same stores: what the first has seen, it must know. Its ports lie between and
// behind those of the layout.
const (
	secondPublic  = 8
	secondMutual  = 9
	secondToken   = 16
	secondGateway = 17
	// Its admin API has none: nobody is asked there.
	secondClientreg = 18
)

// secondNode are the names of its configurations, and what runs each.
var secondNode = []part{
	{"clientreg-2", []string{"strongroom-clientreg"}},
	{"token-2", []string{"strongroom-token"}},
	{"gateway-2", []string{"strongroom-gateway"}},
}

func (s *Suite) address(offset int) string {
	return fmt.Sprintf("127.0.0.1:%d", s.Layout.Port+offset)
}

// configureSecondNode writes its configurations after those of the first.
func (s *Suite) configureSecondNode() error {
	err := s.derive("clientreg", "clientreg-2", func(c map[string]any) {
		c["listen"] = s.address(secondClientreg)
		delete(c, "admin")
	})
	if err != nil {
		return err
	}
	err = s.derive("token", "token-2", func(c map[string]any) {
		c["listen"] = s.address(secondToken)
		c["services"].(map[string]any)["clientreg"] = s.address(secondClientreg)
	})
	if err != nil {
		return err
	}
	return s.derive("gateway", "gateway-2", func(c map[string]any) {
		c["listen"] = s.address(secondGateway)
		c["public"], c["mutual"] = []string{s.address(secondPublic)}, []string{s.address(secondMutual)}
		c["services"].(map[string]any)["token"] = s.address(secondToken)
	})
}

func (s *Suite) derive(from, to string, change func(map[string]any)) error {
	text, err := os.ReadFile(s.Layout.ConfigFile(from))
	if err != nil {
		return err
	}
	var config map[string]any
	if err := yaml.Unmarshal(text, &config); err != nil {
		return err
	}
	if trail, ok := config["audit"].(map[string]any); ok {
		trail["instance"] = to // each replica writes a chain of its own
	}
	change(config)
	if text, err = yaml.Marshal(config); err != nil {
		return err
	}
	return os.WriteFile(s.Layout.ConfigFile(to), text, 0o600)
}

// AtSecondNode sends the request to the second node, under the same address: a
// load balancer chose it.
func AtSecondNode(r *Request) { r.second = true }

// toSecondNode connects to the second node where a request is for the first.
func (s *Suite) toSecondNode(client *http.Client) *http.Client {
	nodes := map[string]string{
		strings.TrimPrefix(s.Layout.URL(layout.Public), "https://"): s.address(secondPublic),
		strings.TrimPrefix(s.Layout.URL(layout.Mutual), "https://"): s.address(secondMutual),
	}
	client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if node, ok := nodes[address]; ok {
			address = node
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return client
}

// awaitSecondNode waits until it answers.
func (s *Suite) awaitSecondNode(ctx context.Context) error {
	client := s.toSecondNode(s.httpClient(nil))
	defer client.CloseIdleConnections()
	for {
		// Token asks clientreg about whoever comes.
		question := post(s.Metadata(FAPI2).TokenEndpoint, nil)
		request, err := http.NewRequestWithContext(ctx, question.Method, question.URL, nil)
		if err != nil {
			return err
		}
		request.Header = question.Header
		if answer, err := client.Do(request); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode < http.StatusInternalServerError {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the second node did not answer: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
