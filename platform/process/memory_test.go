package process

import (
	"math"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"
)

// TestContainerLimit: the least limit of the groups that a process is in, in either
// version, wherever the container sees it.
func TestContainerLimit(t *testing.T) {
	for _, row := range []struct {
		name  string
		files map[string]string
		want  int64 // 0 for none
	}{
		{"a container that sees its own group alone", map[string]string{
			"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "268435456\n"}, 256 << 20},
		{"one that is told the machine's path", map[string]string{
			"proc/self/cgroup": "0::/docker/abc\n", "sys/fs/cgroup/memory.max": "268435456\n"}, 256 << 20},
		{"a unit within a slice that has less", map[string]string{
			"proc/self/cgroup":                                  "0::/bank.slice/token.service\n",
			"sys/fs/cgroup/bank.slice/memory.max":               "134217728\n",
			"sys/fs/cgroup/bank.slice/token.service/memory.max": "268435456\n"}, 128 << 20},
		{"version 1", map[string]string{
			"proc/self/cgroup": "9:name=systemd:/\n4:memory:/docker/abc\n0::/\n", "sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "268435456\n"}, 256 << 20},
		{"no limit", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"}, 0},
		{"no limit in version 1", map[string]string{
			"proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 0},
		{"a limit that is none", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "0\n"}, 0},
		{"a way out of the mount", map[string]string{"proc/self/cgroup": "0::/../../proc\n", "proc/memory.max": "1\n"}, 0},
		{"what is no line of it", map[string]string{"proc/self/cgroup": "\n0\n::\n"}, 0},
		{"another system", nil, 0},
	} {
		root := fstest.MapFS{}
		for name, text := range row.files {
			root[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if got, ok := containerLimit(root); ok != (row.want != 0) || ok && got != row.want {
			t.Errorf("%s: %d, %t", row.name, got, ok)
		}
	}
}

// TestMemoryStaysBelowTheContainers: Go's own limit leaves room for what it does not
// count, and there is none where the container has none.
func TestMemoryStaysBelowTheContainers(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	for text, want := range map[string]int64{"max": math.MaxInt64, "1000000": 900_000} {
		debug.SetMemoryLimit(math.MaxInt64)
		bound(limited(text))
		if got := debug.SetMemoryLimit(-1); got != want {
			t.Errorf("of %s: %d", text, got)
		}
	}
}

// limited is a container with such a limit.
func limited(text string) fstest.MapFS {
	return fstest.MapFS{"proc/self/cgroup": {Data: []byte("0::/\n")}, "sys/fs/cgroup/memory.max": {Data: []byte(text)}}
}

// tuned names the environment in which this test's binary tells what was set.
const tuned = "STRONGROOM_TEST_TUNED"

func TestMain(m *testing.M) {
	if os.Getenv(tuned) != "" {
		tune(limited("1000000"))
		percent := debug.SetGCPercent(-1)
		println(debug.SetMemoryLimit(-1), percent)
		return
	}
	os.Exit(m.Run())
}

// TestOperatorsSettingsStand: what the environment says of memory is what counts.
func TestOperatorsSettingsStand(t *testing.T) {
	for _, row := range []struct{ name, limit, percent, want string }{
		{"both", "100MiB", "50", "104857600 50"},
		{"the limit alone", "100MiB", "", "104857600 400"},
		{"neither", "", "", "900000 400"},
	} {
		command := exec.CommandContext(t.Context(), os.Args[0])
		command.Env = append(os.Environ(), tuned+"=yes", "GOMEMLIMIT="+row.limit, "GOGC="+row.percent)
		said, err := command.CombinedOutput()
		if err != nil || strings.TrimSpace(string(said)) != row.want {
			t.Errorf("%s: %q, %v, want %q", row.name, said, err, row.want)
		}
	}
}
