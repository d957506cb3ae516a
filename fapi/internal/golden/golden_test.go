package golden

import (
	"bytes"
	"io/fs"
	"testing"
)

// TestCommittedAreTheMade: nobody changed a file, or the program without the file.
func TestCommittedAreTheMade(t *testing.T) {
	made, err := Certificates()
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.ReadDir(committed, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(made) {
		t.Errorf("%d files, %d made: run go run ./internal/golden/write in fapi", len(files), len(made))
	}
	for name, want := range made {
		got, err := committed.ReadFile("testdata/" + name)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the program makes (%v): run go run ./internal/golden/write in fapi", name, err)
		}
	}
}
