package keys

import (
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/backend/software"
)

func TestSecondStartKeepsTheKeys(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := setOf(t, issuerOf("bank", jose.ES256, jose.ES256, jose.PS256))
		first := suiteOf(newService(t, db, set), set)
		second := suiteOf(newService(t, db, set), set)
		if a, b := first.jwks(t, "bank"), second.jwks(t, "bank"); a != b {
			t.Errorf("first %s, second %s", a, b)
		}
		for _, algorithm := range []jose.Algorithm{jose.ES256, jose.PS256} {
			signed := second.signed(t, "bank", idToken, algorithm)
			if err := signed.Verify(first.keySet(t, "bank"), algorithm); err != nil {
				t.Errorf("%s: %v", algorithm, err)
			}
		}
	})
}

func TestNewIssuerGetsOnlyItsOwnKeys(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		alone := setOf(t, issuerOf("bank", jose.ES256, jose.ES256))
		before := suiteOf(newService(t, db, alone), alone).jwks(t, "bank")
		both := quick(t)
		after := suiteOf(newService(t, db, both), both)
		if got := after.jwks(t, "bank"); got != before {
			t.Errorf("the first issuer's keys were %s and are %s", before, got)
		}
		if got := len(after.keySet(t, "other").Keys()); got != 2 {
			t.Errorf("the new issuer has %d keys", got)
		}
	})
}

// TestReplicasAgree starts replicas at once on an empty store.
func TestReplicasAgree(t *testing.T) {
	const replicas = 4
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := setOf(t, issuerOf("bank", jose.ES256, jose.ES256, jose.PS256), issuerOf("other", jose.ES256, jose.EdDSA))
		var services [replicas]*Service
		var group sync.WaitGroup
		begin := make(chan struct{})
		for n := range replicas {
			group.Go(func() {
				<-begin
				service, err := New(t.Context(), configWith("k"), depsOf(db, set))
				if err != nil {
					t.Error(err)
					return
				}
				services[n] = service
			})
		}
		close(begin)
		group.Wait()
		if t.Failed() {
			return
		}
		first := suiteOf(services[0], set)
		for _, service := range services[1:] {
			for _, issuer := range []string{"bank", "other"} {
				if a, b := first.jwks(t, issuer), suiteOf(service, set).jwks(t, issuer); a != b {
					t.Errorf("%s: one has %s, another %s", issuer, a, b)
				}
			}
		}
		signed := suiteOf(services[replicas-1], set).signed(t, "bank", idToken, jose.PS256)
		if err := signed.Verify(first.keySet(t, "bank"), jose.PS256); err != nil {
			t.Error(err)
		}
	})
}

func TestAnotherKeyEncryptionKey(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		newService(t, db, set)
		_, err := New(t.Context(), configWith("x"), depsOf(db, set))
		if !errors.Is(err, software.ErrKeyEncryptionKey) {
			t.Fatalf("got %v, want ErrKeyEncryptionKey", err)
		}
		if !strings.Contains(err.Error(), "key_encryption_key") || !strings.Contains(err.Error(), "issuer bank") {
			t.Errorf("%q names neither the setting nor the key", err)
		}
	})
}

// TestRecordsOfAStrangerHand is what somebody tries who can write the table but
// has no key-encryption key: every try must keep the service from starting.
func TestRecordsOfAStrangerHand(t *testing.T) {
	const column = `UPDATE issuer_key SET `
	const access = ` WHERE issuer = 'bank' AND purpose = 'access_token'`
	tests := []struct {
		name       string
		statements []string
		want       error
	}{
		{"another purpose's wrapped key", []string{
			column + `handle = (SELECT handle FROM issuer_key WHERE issuer = 'bank' AND purpose = 'id_token')` + access,
		}, backend.ErrHandle},
		{"another purpose's whole key", []string{
			`DELETE FROM issuer_key` + access,
			column + `purpose = 'access_token' WHERE issuer = 'bank' AND purpose = 'id_token'`,
		}, backend.ErrHandle},
		{"another issuer's whole key", []string{
			`DELETE FROM issuer_key` + access,
			column + `issuer = 'bank' WHERE issuer = 'other' AND purpose = 'access_token'`,
		}, backend.ErrHandle},
		{"another kid", []string{column + `kid = 'AAAAAAAAAAAAAAAAAAAAAA'` + access}, backend.ErrHandle},
		{"another algorithm", []string{column + `alg = 'EdDSA'` + access}, backend.ErrHandle},
		{"no wrapped key", []string{column + `handle = ''` + access}, backend.ErrHandle},
		{"another public key", []string{
			column + `public_jwk = (SELECT public_jwk FROM issuer_key WHERE issuer = 'bank' AND purpose = 'id_token')` + access,
		}, errPublic},
		{"no public key", []string{column + `public_jwk = '{}'` + access}, errPublic},
		{"an older key of their own, to be published", []string{
			`INSERT INTO issuer_key (issuer, kid, purpose, alg, generation, backend, created_at, begins_at, withdrawn_at, reason, public_jwk, handle)
			SELECT issuer, 'AAAAAAAAAAAAAAAAAAAAAA', purpose, alg, 0, backend, created_at, begins_at, 0, '', public_jwk, handle FROM issuer_key` + access,
		}, backend.ErrHandle},
		{"another backend", []string{column + `backend = 'pkcs11'` + access}, errUnknownBackend},
	}
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				if _, err := db.ExecContext(t.Context(), `DELETE FROM issuer_key`); err != nil {
					t.Fatal(err)
				}
				newService(t, db, set)
				for _, statement := range test.statements {
					exec(t, db, statement)
				}
				if _, err := New(t.Context(), configWith("k"), depsOf(db, set)); !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
			})
		}
	})
}

func TestUnconfiguredIssuerStaysClosed(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		newService(t, db, quick(t))
		if _, err := db.ExecContext(t.Context(), `UPDATE issuer_key SET handle = '' WHERE issuer = 'other'`); err != nil {
			t.Fatal(err)
		}
		newService(t, db, setOf(t, issuerOf("bank", jose.ES256, jose.ES256)))
	})
}
