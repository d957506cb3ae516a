package https

import "net/http"

// Answered remembers the status of an answer.
type Answered struct {
	http.ResponseWriter
	Status int
}

// Answers is what w answers: 200 unless it says otherwise.
func Answers(w http.ResponseWriter) *Answered { return &Answered{w, http.StatusOK} }

// WriteHeader remembers.
func (a *Answered) WriteHeader(status int) {
	a.Status = status
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (a *Answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Flush is for gRPC, which asks for it by its type.
func (a *Answered) Flush() { _ = http.NewResponseController(a.ResponseWriter).Flush() }
