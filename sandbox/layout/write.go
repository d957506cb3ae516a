package layout

import (
	"os"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// sandboxHSTS is short: localhost is shared with whatever else runs on this
// machine.
const sandboxHSTS = time.Minute

// ConfigFile is where a part's configuration file is written.
func (l *Layout) ConfigFile(part string) string { return l.File("config", part+".yaml") }

// Write writes the issuers' files and every part's configuration file, for parts
// that run as processes of their own.
func (l *Layout) Write(c *Configs) error {
	set, err := l.Issuers()
	if err != nil {
		return err
	}
	files := map[string]any{
		l.ConfigFile(string(rpc.Keys)):      c.Keys,
		l.ConfigFile(string(rpc.ClientReg)): c.ClientReg,
		l.ConfigFile(string(rpc.PAR)):       c.PAR,
		l.ConfigFile(string(rpc.Authorize)): c.Authorize,
		l.ConfigFile(string(rpc.Token)):     c.Token,
		l.ConfigFile(string(rpc.Gateway)):   c.Gateway,
		l.ConfigFile("bank"):                c.Bank,
		l.ConfigFile("directory"):           c.Directory,
	}
	for _, i := range set.All() {
		files[l.File("issuers", i.Name+".yaml")] = i
	}
	for _, folder := range []string{"config", "issuers"} {
		if err := os.MkdirAll(l.File(folder), 0o700); err != nil {
			return err
		}
	}
	for path, value := range files {
		text, err := yaml.Marshal(value)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}
