// Command write writes the certificates of package golden into its testdata. Run it
// in the folder fapi.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/strongroom-fapi/strongroom/fapi/internal/golden"
)

func main() {
	made, err := golden.Certificates()
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range made {
		if err := os.WriteFile(filepath.Join("internal", "golden", "testdata", name), text, 0o600); err != nil {
			log.Fatal(err)
		}
	}
}
