package rule_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/rule"
)

// TestEveryCitedRuleIsInTheCatalogue: a refusal names a rule that a reader can
// look up.
func TestEveryCitedRuleIsInTheCatalogue(t *testing.T) {
	cited := regexp.MustCompile(`(?:By|invalid)\("([A-Z0-9]+-[0-9]+)"`)
	files := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, match := range cited.FindAllStringSubmatch(string(text), -1) {
			if len(rule.Find(match[1])) == 0 {
				t.Errorf("%s cites %s, which the catalogue does not know", path, match[1])
			}
		}
		return nil
	})
	if err != nil || files < 50 {
		t.Fatalf("read %d files: %v", files, err)
	}
}

// TestRulesSayWhatAndWhere: an entry has a sentence and a source.
func TestRulesSayWhatAndWhere(t *testing.T) {
	for _, r := range rule.All() {
		if r.ID == "" || r.Text == "" || r.Source == "" {
			t.Errorf("incomplete: %+v", r)
		}
	}
}
