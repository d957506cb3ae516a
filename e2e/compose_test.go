package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// part is a service of a compose file, as far as the rules here go.
type part struct {
	Image       string                  `yaml:"image"`
	User        string                  `yaml:"user"`
	ReadOnly    bool                    `yaml:"read_only"`
	CapDrop     []string                `yaml:"cap_drop"`
	CapAdd      []string                `yaml:"cap_add"`
	SecurityOpt []string                `yaml:"security_opt"`
	MemLimit    string                  `yaml:"mem_limit"`
	Privileged  bool                    `yaml:"privileged"`
	NetworkMode string                  `yaml:"network_mode"`
	Restart     string                  `yaml:"restart"`
	StopGrace   string                  `yaml:"stop_grace_period"`
	Command     []string                `yaml:"command"`
	Ports       []string                `yaml:"ports"`
	Volumes     []string                `yaml:"volumes"`
	Environment map[string]string       `yaml:"environment"`
	Healthcheck struct{ Test []string } `yaml:"healthcheck"`
}

type composition struct {
	Services map[string]part `yaml:"services"`
	Volumes  map[string]any  `yaml:"volumes"`
}

// compositions are deploy's files; what one adds to another is merged.
func compositions(t *testing.T) map[string]composition {
	t.Helper()
	single := composition{}
	readCompose(t, "compose.yaml", &single)
	scaled := composition{}
	readCompose(t, "compose.yaml", &scaled)
	readCompose(t, "compose.scale.yaml", &scaled)
	return map[string]composition{"compose.yaml": single, "compose.yaml and compose.scale.yaml": scaled}
}

// readCompose reads a file over what is there, as Compose does for the members of
// part: what it names replaces, and volumes are added.
func readCompose(t *testing.T, name string, into *composition) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]yaml.Node `yaml:"services"`
		Volumes  map[string]any       `yaml:"volumes"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if into.Services == nil {
		into.Services, into.Volumes = map[string]part{}, map[string]any{}
	}
	for service, node := range file.Services {
		merged := into.Services[service]
		volumes := merged.Volumes
		merged.Volumes = nil
		if err := node.Decode(&merged); err != nil {
			t.Fatalf("%s: %s: %v", name, service, err)
		}
		merged.Volumes = append(volumes, merged.Volumes...)
		into.Services[service] = merged
	}
	maps.Copy(into.Volumes, file.Volumes)
}

// TestContainersAreConfined holds each part of both compositions against the rules of
// deploy/README.md.
func TestContainersAreConfined(t *testing.T) {
	variable := regexp.MustCompile(`^\$\{[A-Z]+_IMAGE:-[a-z]+(:[0-9.]+)?\}$`)
	for name, c := range compositions(t) {
		if len(c.Services) < 15 {
			t.Fatalf("%s has %d parts: it was not read", name, len(c.Services))
		}
		for _, service := range slices.Sorted(maps.Keys(c.Services)) {
			p := c.Services[service]
			for _, rule := range []struct {
				holds bool
				what  string
			}{
				{p.ReadOnly, "its root is read-only"},
				{slices.Equal(p.CapDrop, []string{"ALL"}) && len(p.CapAdd) == 0, "it has no capabilities"},
				{slices.Contains(p.SecurityOpt, "no-new-privileges:true"), "it gets no new privileges"},
				{!p.Privileged && p.NetworkMode != "host", "it is not privileged and not on the host's network"},
				{p.User == "65532:65532", "its user is 65532"},
				{variable.MatchString(p.Image), "its image can be replaced by a variable"},
				{p.Restart == "no" || p.Restart == "on-failure", "it says whether it is started again"},
				{p.Restart == "no" || len(p.Healthcheck.Test) > 1, "what stays up has a health check"},
				{p.Restart == "no" || p.StopGrace == "20s", "what stays up has 20 s to end"},
				{p.MemLimit != "" || !strings.HasPrefix(p.Image, "${STRONGROOM_IMAGE"), "a part of the suite has a limit of memory"},
				{loopback(p.Ports), "its ports are the loopback's"},
				{secretless(p), "it is given no secret but by a file"},
				{ownVolumes(service, p), "it has no other part's volume"},
			} {
				if !rule.holds {
					t.Errorf("%s: %s: not so: %s", name, service, rule.what)
				}
			}
		}
	}
}

func loopback(ports []string) bool {
	return !slices.ContainsFunc(ports, func(port string) bool { return !strings.HasPrefix(port, "127.0.0.1:") })
}

// secretless tells that nothing long and random stands in a command or a variable,
// nor a variable for a secret that is not the name of a file.
func secretless(p part) bool {
	random := regexp.MustCompile(`[A-Za-z0-9+/_-]{32,}`)
	for name, value := range p.Environment {
		secret := regexp.MustCompile(`PASSWORD|SECRET|TOKEN|KEY`).MatchString(name)
		if (secret && !strings.HasSuffix(name, "_FILE")) || random.MatchString(strings.TrimPrefix(value, "/state/parts/")) {
			return false
		}
	}
	return !slices.ContainsFunc(slices.Concat(p.Command, p.Healthcheck.Test), func(word string) bool {
		return !strings.Contains(word, "/state/parts/") && !strings.HasPrefix(word, "https://") && random.MatchString(word)
	})
}

// ownVolumes tells that a part mounts what bears its name alone; who migrates a
// schema also has its service's, and init has everything.
func ownVolumes(service string, p part) bool {
	own := map[string][]string{
		"postgres":      {"postgres-roles", "database"},
		"redis-cluster": {"redis-operator"},
	}
	return service == "init" || !slices.ContainsFunc(p.Volumes, func(mount string) bool {
		volume, _, _ := strings.Cut(mount, ":")
		return !strings.HasPrefix(volume, "./") && volume != service && volume != service+"-audit" &&
			volume != strings.TrimSuffix(service, "-migrate") && !slices.Contains(own[service], volume)
	})
}

// TestVolumesAreKnown: each volume that is mounted is declared and made by init, so
// that it belongs to the user of the parts; and audit trails have one each.
func TestVolumesAreKnown(t *testing.T) {
	for name, c := range compositions(t) {
		initial := strings.Join(c.Services["init"].Volumes, "\n")
		for _, service := range slices.Sorted(maps.Keys(c.Services)) {
			for _, mount := range c.Services[service].Volumes {
				volume, _, _ := strings.Cut(mount, ":")
				if _, declared := c.Volumes[volume]; !declared && !strings.HasPrefix(volume, "./") {
					t.Errorf("%s: %s mounts %s, which is not declared", name, service, volume)
				}
				if strings.HasSuffix(volume, "-audit") || strings.HasPrefix(volume, "./") {
					continue
				}
				if !strings.Contains("\n"+initial, "\n"+volume+":") {
					t.Errorf("%s: %s mounts %s, which init does not write", name, service, volume)
				}
			}
		}
		for _, service := range []string{"keys", "clientreg", "par", "authorize", "token", "gateway"} {
			if want := fmt.Sprintf("%s-audit:/audit", service); !slices.Contains(c.Services[service].Volumes, want) {
				t.Errorf("%s: %s has no %s", name, service, want)
			}
		}
	}
}
