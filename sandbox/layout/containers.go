package layout

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// In containers a part is reached by its name, under the port that it has on
// one machine. Outside nothing changes: the containers' ports are published on
// the host's loopback, so that the public URLs stay the same.
const (
	// containerAudit is a volume of each part, for its audit trail.
	containerAudit = "/audit"
	// authorityFolder is where the directory keeps the public authority.
	authorityFolder = "authority"
	// clientPart has what a client on the host needs; it is no container.
	clientPart = "client"
)

// at is where another part reaches a listener of the part named, host:port.
func (l *Layout) at(part string, p Port) string {
	if l.Containers {
		return net.JoinHostPort(part, strconv.Itoa(l.number(p)))
	}
	return l.address(p)
}

// listen is the address of a listener for other parts; in a container every
// address of its own.
func (l *Layout) listen(p Port) string {
	if l.Containers {
		return fmt.Sprintf(":%d", l.number(p))
	}
	return l.address(p)
}

// connectTo is how the bank reaches the issuer from its container, where
// localhost is the container itself.
func (l *Layout) connectTo() map[string]string {
	if !l.Containers {
		return nil
	}
	dial := map[string]string{}
	for _, p := range []Port{Public, Mutual} {
		dial[strings.TrimPrefix(l.URL(p), "https://")] = l.at(string(rpc.Gateway), p)
	}
	return dial
}

// authority is the folder with the directory's authority. In its container that
// is a copy of the public one alone: who has the internal one can be any service.
func (l *Layout) authority() string {
	if l.Containers {
		return l.File(authorityFolder)
	}
	return l.Dir
}

// part is a file in the folder of one part, which its container mounts, under
// the same path as here.
func (l *Layout) part(name string, file ...string) string {
	return l.File(append([]string{"parts", name}, file...)...)
}

// WriteContainers also writes a folder for each part, parts/<name> in Dir: its
// config.yaml, and copies of those files that it names. So a container that
// mounts its part's folder has no other part's key.
func (l *Layout) WriteContainers(c *Configs) error {
	if err := l.Write(c); err != nil {
		return err
	}
	if err := l.copyFiles(l.authority(), "ca.pem", "ca-key.pem", "participants-ca.pem", "participants-ca-key.pem"); err != nil {
		return err
	}
	if err := l.copyFiles(l.File(issuersFolder), l.clientAuthorities(), l.participantAuthorities()); err != nil {
		return err
	}
	names := []string{bankName, "directory"}
	for _, service := range rpc.Names {
		names = append(names, string(service))
	}
	for _, name := range names {
		if err := l.writePart(name); err != nil {
			return err
		}
	}
	return errors.Join(
		l.writeStores(),
		l.copyFiles(l.part("haproxy"), "ca.pem"),
		l.copyFiles(l.part(clientPart), "ca.pem", "ca-key.pem", InitialAccessToken, operatorToken, operatorsFolder),
	)
}

func (l *Layout) writePart(name string) error {
	text, err := os.ReadFile(l.ConfigFile(name))
	if err != nil {
		return err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return err
	}
	if err := l.bring(name, &document); err != nil {
		return err
	}
	if text, err = yaml.Marshal(&document); err != nil {
		return err
	}
	return writeFile(l.part(name, "config.yaml"), text)
}

// bring copies every file and folder that a configuration names into its part's
// folder, and names the copy instead. What is not there yet, the part makes.
func (l *Layout) bring(part string, node *yaml.Node) error {
	for _, inner := range node.Content {
		if err := l.bring(part, inner); err != nil {
			return err
		}
	}
	prefix, name, named := strings.Cut(node.Value, l.Dir+string(filepath.Separator))
	if node.Kind != yaml.ScalarNode || !named {
		return nil
	}
	node.Value = prefix + l.part(part, name)
	return copyTree(l.File(name), l.part(part, name))
}

// copyTree copies a file or a folder over what is there; nothing is fine too.
func copyTree(from, to string) error {
	info, err := os.Stat(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		return errors.Join(os.RemoveAll(to), os.CopyFS(to, os.DirFS(from)))
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return writeFile(to, text)
}

// copyFiles copies files of Dir into another folder.
func (l *Layout) copyFiles(to string, names ...string) error {
	for _, name := range names {
		if err := copyTree(l.File(name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes a file for its owner alone, with the folders above it.
func writeFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600) //nolint:gosec // G703: the paths stand in files that this package wrote
}
