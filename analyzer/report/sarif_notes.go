package report

import (
	"fmt"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// sarifNotesMax is how many notifications tell of files that were not read.
const sarifNotesMax = 100

type (
	sInvocation struct {
		ExecutionSuccessful bool            `json:"executionSuccessful"`
		Notifications       []sNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sNotification struct {
		Rule      *sRuleReference `json:"associatedRule,omitempty"`
		Level     string          `json:"level"`
		Message   sText           `json:"message"`
		Locations []sLocation     `json:"locations,omitempty"`
	}
	sRuleReference struct {
		ID    string `json:"id"`
		Index int    `json:"index"`
	}
)

// sarifInvocation tells what the run could not do, and of findings that are no
// results.
func sarifInvocation(t *texts, r *finding.Report, index map[string]int, nowhere []*finding.Finding, left int) sInvocation {
	inv := sInvocation{ExecutionSuccessful: true}
	tell := func(level, message string) {
		inv.Notifications = append(inv.Notifications, sNotification{Level: level, Message: plainText(message)})
	}
	for i := range r.Run.Inputs {
		in := &r.Run.Inputs[i]
		if in.Problem == "" {
			continue
		}
		level := "note"
		if !in.Empty {
			level, inv.ExecutionSuccessful = "error", false
		}
		if len(inv.Notifications) < sarifNotesMax {
			tell(level, kept(Clean(in.Path), claimMax)+": "+kept(Clean(in.Problem), claimMax))
		}
	}
	if s := r.Run.Source; s != nil {
		for _, k := range s.Skipped[:min(len(s.Skipped), sarifNotesMax)] {
			tell("warning", "part of the source was not read: "+kept(Clean(k.Msg), claimMax))
			if k.Span.Known() {
				inv.Notifications[len(inv.Notifications)-1].Locations = []sLocation{sarifLocation(t, k.Span)}
			}
		}
	}
	for i, f := range nowhere {
		if i == sarifNotesMax {
			break
		}
		n := sNotification{Level: sarifLevel(f), Message: plainText(claim(f) + "; no file in the folder has it, so it is no result")}
		if at, ok := index[f.Code]; ok {
			n.Rule = &sRuleReference{f.Code, at}
		}
		inv.Notifications = append(inv.Notifications, n)
	}
	if n := len(nowhere) - sarifNotesMax; n > 0 {
		tell("note", counted(int64(n), "more finding is in no file of the folder", "more findings are in no file of the folder"))
	}
	if left > 0 {
		tell("note", fmt.Sprintf("%s left out, those that cost least: code scanning takes %s and 10 MiB in one file",
			counted(int64(left), "finding is", "findings are"), counted(sarifResultsMax, "result", "results")))
	}
	return inv
}
