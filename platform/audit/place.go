package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Chain names the files of one process.
type Chain struct{ Folder, Service, Instance string }

const (
	extension = ".jsonl"
	// digits of a file's first number, so that names sort as the chain runs.
	digits = 12
)

func (c Chain) file(first uint64) string {
	return filepath.Join(c.Folder, fmt.Sprintf("%s.%s.%0*d%s", c.Service, c.Instance, digits, first, extension))
}

func (c Chain) lock() string { return filepath.Join(c.Folder, c.Service+"."+c.Instance+".lock") }

// String is the chain as a person names it.
func (c Chain) String() string { return c.Service + "." + c.Instance }

// Files are the chain's files in their order.
func (c Chain) Files() ([]string, error) {
	entries, err := os.ReadDir(c.Folder)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		if of, ok := parseName(c.Folder, entry.Name()); ok && of == c {
			files = append(files, filepath.Join(c.Folder, entry.Name()))
		}
	}
	slices.Sort(files)
	return files, nil
}

// Chains are those in a folder, by name.
func Chains(folder string) ([]Chain, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var chains []Chain
	for _, entry := range entries {
		if c, ok := parseName(folder, entry.Name()); ok && !slices.Contains(chains, c) {
			chains = append(chains, c)
		}
	}
	return chains, nil
}

func parseName(folder, name string) (Chain, bool) {
	rest, ok := strings.CutSuffix(name, extension)
	dot := strings.LastIndexByte(rest, '.')
	if !ok || dot < 0 || len(rest)-dot-1 != digits {
		return Chain{}, false
	}
	if _, err := strconv.ParseUint(rest[dot+1:], 10, 64); err != nil {
		return Chain{}, false
	}
	service, instance, ok := strings.Cut(rest[:dot], ".")
	return Chain{folder, service, instance}, ok && service != "" && instance != ""
}
