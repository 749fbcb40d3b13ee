package report

import (
	"encoding/xml"
	"fmt"
	"io"
)

// writeXML writes plain data as an XML document. Text must have passed Clean:
// then no character is left that XML forbids or a terminal acts on, and
// encoding/xml escapes the rest, ]]> among it.
func writeXML(w io.Writer, v any) error {
	b, err := xml.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("report: %v", err)) // plain data always encodes
	}
	_, err = io.WriteString(w, xml.Header+string(b)+"\n")
	return err
}
