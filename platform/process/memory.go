package process

import (
	"bufio"
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// gcPercent lets the heap grow to five times what lives. What lives in a service
// is a few megabytes, so collecting at every doubling costs more than the memory
// it saves.
const gcPercent = 400

// memoryShare is how much of a container's limit Go may use, in percent. The rest is for
// what Go does not count: a C library's memory, what the kernel keeps for sockets, and
// the pages of the binary.
const memoryShare = 90

// TuneGC sets how eagerly memory is collected, unless GOGC says so itself: seldom, and
// more often towards the limit of the container that the process is in, which would end
// a process that exceeded it. GOMEMLIMIT says another.
func TuneGC() { tune(os.DirFS("/")) }

func tune(root fs.FS) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		bound(root)
	}
}

// bound sets the limit that the control groups in a file system tell.
func bound(root fs.FS) {
	if limit, ok := containerLimit(root); ok {
		debug.SetMemoryLimit(limit / 100 * memoryShare)
	}
}

// tellMemory writes down towards which limit memory is collected more often.
func tellMemory(log *slog.Logger) {
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		log.InfoContext(context.Background(), "memory is bounded", "bytes", limit)
	}
}

// A controller of memory is one of the two versions of control groups: where its groups
// are mounted, and which file tells a group's limit.
type controller struct{ mount, file string }

var (
	version1 = controller{"sys/fs/cgroup/memory", "memory.limit_in_bytes"}
	version2 = controller{"sys/fs/cgroup", "memory.max"}
)

// containerLimit is the least limit of the control groups that this process is in, in
// bytes. Where there is none, or no Linux, ok is false.
func containerLimit(root fs.FS) (limit int64, ok bool) {
	text, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0, false
	}
	limit = math.MaxInt64
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		// HIERARCHY:CONTROLLERS:PATH, as cgroups(7) has it.
		parts := strings.SplitN(lines.Text(), ":", 3)
		switch {
		case len(parts) < 3:
		case parts[0] == "0" && parts[1] == "":
			limit = min(limit, version2.least(root, parts[2]))
		case parts[1] == "memory":
			limit = min(limit, version1.least(root, parts[2]))
		}
	}
	return limit, limit < unlimited
}

// unlimited is more than any machine has: version 1 tells a number of that size where
// there is no limit.
const unlimited = 1 << 60

// least is the least limit of a group and of those that it is in. A container may see
// its own group alone, at the mount, and the path of the machine's.
func (c controller) least(root fs.FS, group string) int64 {
	limit := int64(math.MaxInt64)
	for {
		group = path.Clean("/" + group)
		if text, err := fs.ReadFile(root, path.Join(c.mount, group, c.file)); err == nil {
			if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 {
				limit = min(limit, n)
			}
		}
		if group == "/" {
			return limit
		}
		group = path.Dir(group)
	}
}
