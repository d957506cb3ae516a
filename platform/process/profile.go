package process

import (
	"fmt"
	"os"
	"runtime/pprof"
)

// profileEnv names a file to which a process writes a CPU profile of its whole
// life, for `go tool pprof`.
const profileEnv = "STRONGROOM_CPU_PROFILE"

// Profile begins the CPU profile that the environment asks for; call what it
// answers at the end.
func Profile() (stop func()) {
	path := os.Getenv(profileEnv)
	if path == "" {
		return func() {}
	}
	file, err := os.Create(path) //nolint:gosec // whoever starts the process names the file
	if err == nil {
		err = pprof.StartCPUProfile(file)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", profileEnv, err)
		return func() {}
	}
	return func() {
		pprof.StopCPUProfile()
		_ = file.Close()
	}
}
