package audit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Folder is where the recorder's trail is; "" for a nil one.
func (r *Recorder) Folder() string {
	if r == nil {
		return ""
	}
	return r.chain.Folder
}

// Refusals are what was refused in an interaction, as the chains in a folder tell,
// in the order of time: at most some, and partial where there are more or where ctx
// ended before all was read. It reads line by line while the trail grows, and does
// not tell whether the chains hold: verify does.
//
// Only those count that wanted takes: a client chooses the ids of its interactions,
// and could fill an answer with lines that its reader may not see.
func Refusals(ctx context.Context, folder, interactionID string, most int, wanted func(Line) bool) (found []Found, partial bool, err error) {
	chains, err := Chains(folder)
	if err != nil {
		return nil, false, err
	}
	for _, chain := range chains {
		files, err := chain.Files()
		if err != nil {
			return nil, false, err
		}
		for _, file := range files {
			take := func(line Line) bool { return line.InteractionID == interactionID && wanted(line) }
			in, err := refusalsIn(ctx, file, []byte(interactionID), most+1, take)
			partial = partial || errors.Is(err, ctx.Err()) && ctx.Err() != nil
			if err != nil && !partial {
				return nil, false, err
			}
			for _, line := range in {
				found = append(found, Found{Line: line, Chain: chain})
			}
			if len(found) > most {
				return inTime(found[:most]), true, nil
			}
		}
	}
	return inTime(found), partial, nil
}

func inTime(found []Found) []Found {
	slices.SortStableFunc(found, func(a, b Found) int { return a.Time.Compare(b.Time) })
	return found
}

// refusalsIn reads one file for lines that hold an id; most hold none, and are not
// taken apart.
func refusalsIn(ctx context.Context, path string, id []byte, most int, take func(Line) bool) (found []Line, err error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reader := bufio.NewReaderSize(file, 64<<10)
	for n := 0; len(found) < most; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return found, ctx.Err()
		}
		text, err := reader.ReadBytes('\n')
		if bytes.Contains(text, id) {
			line, bad := Parse(bytes.TrimSuffix(text, []byte("\n")))
			if bad == nil && (line.Error != "" || line.Rule != "") && take(line) {
				found = append(found, line)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return found, nil
		case err != nil:
			return found, err
		}
	}
	return found, nil
}
