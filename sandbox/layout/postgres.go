package layout

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// writePostgres writes what PostgreSQL is configured by, and a part for each schema
// that migrates it.
func (b *builder) writePostgres() error {
	b.keep(b.secret(postgresPassword, newToken))
	for _, service := range sqlUsers {
		if err := b.writeMigrator(service); err != nil {
			return err
		}
	}
	return errors.Join(
		b.err,
		b.storeCertificate(postgresPart),
		b.copyFiles(b.part(postgresPart), postgresPassword),
		writeFile(b.part(postgresPart, "pg_hba.conf"), []byte(hostAccess())),
		writeFile(b.part(rolesPart, "roles.sql"), []byte(b.roles())),
	)
}

// hostAccess is pg_hba.conf: from outside the roles of the services alone, by TLS
// and password; the superuser only through the container's own socket.
func hostAccess() string {
	var names []string
	for _, service := range sqlUsers {
		names = append(names, string(service), ownerOf(service))
	}
	return "local all all scram-sha-256\n" +
		"hostssl " + databaseName + " " + strings.Join(names, ",") + " all scram-sha-256\n"
}

// roles makes for each service a schema, a role that owns it and migrates, and a
// role that reads and writes rows there. Neither sees another schema. Passwords
// stand there as verifiers: who reads them cannot log in. Each statement ends with
// an empty line, for a server that reads them before it serves anybody.
func (b *builder) roles() string {
	statements := []string{
		fmt.Sprintf(`REVOKE ALL ON DATABASE %q FROM PUBLIC`, databaseName),
		`REVOKE ALL ON SCHEMA public FROM PUBLIC`,
	}
	for _, service := range sqlUsers {
		role, owner := string(service), ownerOf(service)
		statements = append(statements,
			fmt.Sprintf(`CREATE ROLE %q LOGIN PASSWORD '%s'`, owner, b.verifierOf(owner)),
			fmt.Sprintf(`CREATE ROLE %q LOGIN PASSWORD '%s'`, role, b.verifierOf(role)),
			fmt.Sprintf(`GRANT CONNECT ON DATABASE %q TO %q, %q`, databaseName, owner, role),
			fmt.Sprintf(`CREATE SCHEMA %q AUTHORIZATION %q`, role, owner),
			fmt.Sprintf(`GRANT USAGE ON SCHEMA %q TO %q`, role, role),
			fmt.Sprintf(`ALTER DEFAULT PRIVILEGES FOR ROLE %q IN SCHEMA %q GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %q`, owner, role, role),
		)
	}
	return strings.Join(statements, ";\n\n") + ";\n\n"
}

func (b *builder) verifierOf(role string) string {
	verifier, err := scramVerifier(b.keep(b.secret("sql-password-"+role, newToken)).Reveal())
	b.fail(err)
	return verifier
}

// writeMigrator writes a part that has the owner's password, and else what the
// service has: its configuration names the service's own files.
func (b *builder) writeMigrator(service rpc.Name) error {
	text, err := os.ReadFile(b.part(string(service), "config.yaml"))
	if err != nil {
		return err
	}
	var config map[string]any
	if err := yaml.Unmarshal(text, &config); err != nil {
		return err
	}
	store, ok := config["sql"].(map[string]any)
	if !ok {
		return fmt.Errorf("the configuration of %s has no section sql", service)
	}
	part := migrator(service)
	_, dsn := b.dsn(ownerOf(service))
	store["dsn"] = "file:" + b.part(part, sqlDSN)
	if text, err = yaml.Marshal(config); err != nil {
		return err
	}
	return errors.Join(
		writeFile(b.part(part, sqlDSN), []byte(dsn+"\n")),
		writeFile(b.part(part, "config.yaml"), text),
	)
}
