package layout

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// redisCommands are what services ask of Redis (docs/stores.md). AUTH and HELLO,
// with which a connection begins, need no permission.
const redisCommands = "+get +mget +set +setnx +incr +expire +del +time +info +ping +command +cluster|slots +cluster|myid"

// redisScripts are asked by the client registry alone.
const redisScripts = " +eval +evalsha"

// operatorCommands make a cluster of nodes, and tell what was refused.
const operatorCommands = "+cluster|info +cluster|addslotsrange +cluster|set-config-epoch +cluster|meet +cluster|nodes +info +ping +acl|log"

// writeRedis writes each node's redis.conf and users.acl. Passwords stand there as
// hashes: who reads them cannot log in.
func (b *builder) writeRedis() error {
	users := b.redisACL()
	for _, part := range b.redisParts() {
		if err := b.storeCertificate(part); err != nil {
			return err
		}
		if err := writeFile(b.part(part, "users.acl"), []byte(users)); err != nil {
			return err
		}
		if err := writeFile(b.part(part, "redis.conf"), []byte(b.redisConf(part))); err != nil {
			return err
		}
	}
	// For whoever makes the cluster, and looks into the log of refusals.
	return errors.Join(
		b.copyFiles(b.part("redis-operator"), redisOperatorPassword),
		copyTree(b.storesCA(), b.part("redis-operator", "ca.pem")),
	)
}

// redisACL is one user for each service, limited to its own keys. The user health
// may ask whether the store answers, and no more, so it needs no secret.
func (b *builder) redisACL() string {
	lines := []string{
		"user default off",
		"user health on nopass resetchannels -@all +ping",
		"user operator on #" + b.hashOf(redisOperatorPassword) + " resetchannels -@all " + operatorCommands,
	}
	for _, service := range redisUsers {
		commands := redisCommands
		if service == rpc.ClientReg {
			commands += redisScripts
		}
		lines = append(lines, fmt.Sprintf("user %s on #%s ~%s:* resetchannels -@all %s", service, b.hashOf("redis-password-"+string(service)), service, commands))
	}
	return strings.Join(lines, "\n") + "\n"
}

// hashOf is how Redis keeps a password: SHA-256 in hexadecimal. These are random
// and long, so that no salt is missed.
func (b *builder) hashOf(password string) string {
	hash := sha256.Sum256([]byte(b.keep(b.secret(password, newToken)).Reveal()))
	return hex.EncodeToString(hash[:])
}

// redisConf is TLS and nothing else, everything in memory, and an error rather than
// room where the memory is full (docs/stores.md).
func (b *builder) redisConf(part string) string {
	lines := []string{
		"port 0",
		"tls-port " + redisPort,
		"tls-cert-file " + b.part(part, "server.pem"),
		"tls-key-file " + b.part(part, "server-key.pem"),
		"tls-ca-cert-file " + b.part(part, "ca.pem"),
		"tls-auth-clients no",
		`tls-protocols "TLSv1.3"`,
		"aclfile " + b.part(part, "users.acl"),
		`save ""`,
		"appendonly no",
		"maxmemory-policy noeviction",
	}
	if b.RedisNodes > 0 {
		// A node must know itself after a restart; nothing else is kept.
		lines = append(lines,
			"dir "+b.part(part),
			"cluster-enabled yes",
			"cluster-node-timeout 5000",
			"tls-cluster yes",
			// A name, for that is what a node's certificate proves.
			"cluster-announce-hostname "+part,
			"cluster-preferred-endpoint-type hostname",
		)
	}
	return strings.Join(lines, "\n") + "\n"
}
