package clientcert

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"strings"
)

// maxSaved bounds a saved request, in bytes.
const maxSaved = 1 << 20

// ReadSaved reads the header of a request that was kept as text: lines of
// "Name: value", before them the request line or not, as sent or as `curl -v`
// prints them, up to an empty line or the end.
func ReadSaved(from io.Reader) (http.Header, error) {
	text, err := io.ReadAll(io.LimitReader(from, maxSaved))
	if err != nil {
		return nil, err
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimPrefix(strings.TrimRight(line, "\r\n"), "> ")
		if len(lines) == 0 && (strings.Contains(line, " HTTP/") || strings.TrimSpace(line) == "") {
			continue
		}
		if strings.TrimSpace(line) == "" {
			break
		}
		lines = append(lines, line)
	}
	reader := textproto.NewReader(bufio.NewReader(strings.NewReader(strings.Join(lines, "\r\n") + "\r\n\r\n")))
	header, err := reader.ReadMIMEHeader()
	if err != nil || len(header) == 0 {
		return nil, errors.New("this is no header of a request: lines of Name: value")
	}
	return http.Header(header), nil
}
