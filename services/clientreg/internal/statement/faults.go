package statement

import "iter"

// What is wrong with a statement comes as a sequence: who registers hears of the
// first, and nothing behind it is asked; an operator hears of all.

// fault is one thing that may be wrong.
type fault struct {
	is   bool
	text string
}

func faults(list ...fault) iter.Seq[error] {
	return func(yield func(error) bool) {
		for _, f := range list {
			if f.is && !yield(invalid(f.text)) {
				return
			}
		}
	}
}

// first of a sequence; nil where nothing is wrong.
func first(sequence iter.Seq[error]) error {
	for err := range sequence {
		return err
	}
	return nil
}

// each runs through several sequences.
func each(sequences ...iter.Seq[error]) iter.Seq[error] {
	return func(yield func(error) bool) {
		for _, sequence := range sequences {
			for err := range sequence {
				if !yield(err) {
					return
				}
			}
		}
	}
}

// one makes a sequence of what a question answers, which is asked when its turn
// comes.
func one(question func() error) iter.Seq[error] {
	return func(yield func(error) bool) {
		if err := question(); err != nil {
			yield(err)
		}
	}
}
