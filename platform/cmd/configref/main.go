// Command configref writes docs/configuration.md from the configuration structs
// themselves, so that the page cannot fall behind the code. `make generate` runs
// it from the root of the repository.
package main

import (
	"flag"
	"fmt"
	"os"
)

// pages are the files that an operator writes, in the order of the document.
var pages = []page{
	{title: "An issuer", folder: "fapi/issuer", typeName: "Issuer"},
	{title: "strongroom-keys", folder: "services/keys", typeName: "ProcessConfig"},
	{title: "strongroom-keys-native", folder: "services/keys/native/cmd/strongroom-keys-native", typeName: "ProcessConfig"},
	{title: "strongroom-clientreg", folder: "services/clientreg", typeName: "ProcessConfig"},
	{title: "strongroom-par", folder: "services/par", typeName: "ProcessConfig"},
	{title: "strongroom-authorize", folder: "services/authorize", typeName: "ProcessConfig"},
	{title: "strongroom-token", folder: "services/token", typeName: "ProcessConfig"},
	{title: "strongroom-gateway", folder: "gateway", typeName: "ProcessConfig"},
}

func main() {
	root := flag.String("root", ".", "`folder` of the repository")
	out := flag.String("out", "docs/configuration.md", "`file` to write")
	flag.Parse()
	if err := run(*root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "configref:", err)
		os.Exit(1)
	}
}

func run(root, out string) error {
	text, err := render(root, pages)
	if err != nil {
		return err
	}
	return os.WriteFile(out, []byte(text), 0o644) //nolint:gosec // G306: a page of documentation, for everybody to read
}
