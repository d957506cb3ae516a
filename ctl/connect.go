package ctl

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/strongroom-fapi/strongroom/platform/pemfile"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// call is one command line, read.
type call struct {
	Program
	arguments []string

	server, cert, key, ca string
	dir, as               string
	issuerName            string
	json                  bool
	timeout               time.Duration

	framework, participant string
	suspended, serving     bool
	limit                  int
	certificate            string
	yes, local             bool
	issuerFile             string
	proxies, peer, header  string

	conn *grpc.ClientConn
}

// globalFlags are those of every command, before and behind its name.
func (c *call) globalFlags(flags *flag.FlagSet) {
	text := func(into *string, name, variable, fallback, about string) {
		if *into == "" {
			*into = cmp.Or(c.Getenv(variable), fallback)
		}
		flags.StringVar(into, name, *into, about+" ("+variable+")")
	}
	text(&c.server, "server", "STRONGROOM_ADMIN_SERVER", "", "`address` of the admin API, host:port or https://host:port")
	text(&c.cert, "cert", "STRONGROOM_ADMIN_CERT", "", "PEM `file` of your certificate")
	text(&c.key, "key", "STRONGROOM_ADMIN_KEY", "", "PEM `file` of its key")
	text(&c.ca, "ca", "STRONGROOM_ADMIN_CA", "", "PEM `file` of the authorities that sign the server's certificate")
	text(&c.dir, "dir", "STRONGROOM_DIR", "", "`folder` of a sandbox, to take what is missing from")
	text(&c.as, "as", "STRONGROOM_AS", "admin", "`name` of an operator in --dir: admin or reader")
	text(&c.issuerName, "issuer", "STRONGROOM_ISSUER", "", "`name` of the issuer; may be left out where there is one")
	flags.BoolVar(&c.json, "json", c.json, "JSON instead of text")
	flags.DurationVar(&c.timeout, "timeout", cmp.Or(c.timeout, 20*time.Second), "how `long` the server may take")
}

// credential is what a sandbox writes for an operator; paths are relative to it.
type credential struct {
	Server          string `json:"server"`
	CertificateFile string `json:"certificate_file"`
	PrivateKeyFile  string `json:"private_key_file"`
	CAFile          string `json:"ca_file"`
}

// fromDir fills in what is missing from the folder of a sandbox.
func (c *call) fromDir() error {
	if c.dir == "" {
		return nil
	}
	file := filepath.Join(c.dir, "operators", filepath.Base(c.as)+".json")
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return fault{fmt.Errorf("--dir and --as: %w; a sandbox that was started, or sandbox init, writes it", err)}
	}
	var of credential
	if err := json.Unmarshal(text, &of); err != nil {
		return fault{fmt.Errorf("%s: %w", file, err)}
	}
	beside := func(name string) string { return filepath.Join(filepath.Dir(file), name) }
	c.server, c.ca = cmp.Or(c.server, of.Server), cmp.Or(c.ca, beside(of.CAFile))
	if c.cert == "" && c.key == "" {
		c.cert, c.key = beside(of.CertificateFile), beside(of.PrivateKeyFile)
	}
	return nil
}

// hasServer tells whether a server is named anywhere.
func (c *call) hasServer() bool { return c.server != "" || c.dir != "" }

// api connects at the first use.
func (c *call) api() (adminv1.AdminServiceClient, error) {
	if c.conn != nil {
		return adminv1.NewAdminServiceClient(c.conn), nil
	}
	if err := c.fromDir(); err != nil {
		return nil, err
	}
	address, err := hostPort(c.server)
	if err != nil {
		return nil, err
	}
	config, err := c.tls(address)
	if err != nil {
		return nil, err
	}
	// Operators' listeners are in the own network: no proxy of the environment.
	c.conn, err = grpc.NewClient("dns:///"+address, grpc.WithTransportCredentials(credentials.NewTLS(config)), grpc.WithNoProxy())
	if err != nil {
		return nil, fault{err}
	}
	return adminv1.NewAdminServiceClient(c.conn), nil
}

func (c *call) close() {
	if c.conn != nil {
		_ = c.conn.Close()
	}
}

func hostPort(server string) (string, error) {
	if server == "" {
		return "", fault{errors.New("a server is required: --server, STRONGROOM_ADMIN_SERVER, or --dir with a sandbox's folder")}
	}
	address := server
	if strings.Contains(server, "://") {
		u, err := url.Parse(server)
		if err != nil || u.Scheme != "https" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			return "", fault{fmt.Errorf("--server must be host:port or https://host:port, not %q", server)}
		}
		address = u.Host
	}
	if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
		return "", fault{fmt.Errorf("--server must be host:port or https://host:port, not %q", server)}
	}
	return address, nil
}

func (c *call) tls(address string) (*tls.Config, error) {
	if c.cert == "" || c.key == "" {
		return nil, fault{errors.New("--cert and --key are required: the admin API knows you by your certificate")}
	}
	own, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return nil, fault{fmt.Errorf("--cert and --key: %w", err)}
	}
	host, _, _ := net.SplitHostPort(address)
	config := &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{own}, ServerName: host}
	if c.ca != "" {
		if config.RootCAs, err = pemfile.ReadPool(c.ca); err != nil {
			return nil, fault{fmt.Errorf("--ca: %w", err)}
		}
	}
	return config, nil
}

// bounded gives the server its time.
func (c *call) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.timeout)
}

// issuer is the one that is meant: as named, else the only one.
func (c *call) issuer(ctx context.Context, api adminv1.AdminServiceClient) (string, error) {
	if c.issuerName != "" {
		return c.issuerName, nil
	}
	all, err := api.ListIssuers(ctx, &adminv1.ListIssuersRequest{})
	if err != nil {
		return "", err
	}
	var names []string
	for _, i := range all.GetIssuers() {
		names = append(names, i.GetName())
	}
	if len(names) != 1 {
		return "", fault{fmt.Errorf("--issuer is required, one of: %s", strings.Join(names, " "))}
	}
	return names[0], nil
}

// maxFile bounds what is read, in bytes.
const maxFile = 2 << 20

// read is a file, or standard input.
func (c *call) read(name string) ([]byte, error) {
	in := c.In
	if name != "-" {
		file, err := os.Open(filepath.Clean(name))
		if err != nil {
			return nil, fault{err}
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	switch {
	case err != nil:
		return nil, fault{err}
	case len(text) > maxFile:
		return nil, fault{fmt.Errorf("%s is longer than 2 MiB", name)}
	}
	return text, nil
}
