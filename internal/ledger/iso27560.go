package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// isoContext maps the keys of ISO/IEC TS 27560:2023 to the Data Privacy
// Vocabulary, by the guide of the W3C group that publishes it.
var isoContext = map[string]any{
	"dct": "http://purl.org/dc/terms/", "dpv": "https://w3id.org/dpv#", "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
	"xsd": "http://www.w3.org/2001/XMLSchema#", "@vocab": "urn:iso:std:iso-iec:ts:27560:",
}

const isoProfile = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"

type isoID struct {
	ID string `json:"@id"`
}

type isoRecord struct {
	ID         string          `json:"@id"`
	Type       string          `json:"@type"`
	ConformsTo isoID           `json:"dct:conformsTo"`
	Schema     string          `json:"schema_version"`
	Record     string          `json:"record_id"`
	Principal  string          `json:"pii_principal_id"`
	Processing []isoProcessing `json:"processing"`
	Parties    []isoParty      `json:"party_identification"`
	Events     []isoEvent      `json:"event"`
	Proof      optgate.Link    `json:"ledger"`
}

type isoProcessing struct {
	Purpose    string       `json:"purpose"`
	PurposeID  string       `json:"purpose_id"`
	Type       string       `json:"purpose_type"`
	Basis      isoID        `json:"lawful_basis"`
	Notice     string       `json:"privacy_notice,omitempty"`
	Language   string       `json:"language"`
	Revision   string       `json:"notice_version"`
	Panel      string       `json:"notice_shown_sha256,omitempty"`
	Storage    []string     `json:"pii_information,omitempty"` // what is stored in the browser, by name
	Recipients []string     `json:"recipient_third_parties,omitempty"`
	Countries  []string     `json:"storage_locations,omitempty"`
	Withdrawal string       `json:"withdrawal_method"`
	Services   []isoService `json:"services,omitempty"`
}

type isoService struct {
	Name    string `json:"name"`
	Purpose string `json:"purpose,omitempty"`
	Policy  string `json:"privacy_notice,omitempty"`
}

type isoParty struct {
	Name    string `json:"party_name"`
	Role    isoID  `json:"party_role"`
	Address string `json:"party_address,omitempty"`
	Contact string `json:"party_contact,omitempty"`
}

type isoEvent struct {
	Time     time.Time `json:"event_time"`
	Validity string    `json:"validity_duration"`
	Entity   string    `json:"entity_id"`
	Type     string    `json:"event_type"`
	Method   string    `json:"event_source"`
	State    isoID     `json:"event_state"`
	Purpose  string    `json:"purpose_id"`
}

// consentRecords writes one JSON-LD document, whose graph is written record by
// record.
func (x *Export) consentRecords(ctx context.Context, w io.Writer) (write func(*optgate.Entry) error, end func() error) {
	revisions := map[int]*optgate.Revision{}
	begun := false
	begin := func() error {
		if begun {
			return nil
		}
		begun = true
		head, err := json.Marshal(isoContext)
		if err == nil {
			_, err = fmt.Fprintf(w, "{\"@context\":%s,\"@graph\":[", head)
		}
		return err
	}
	separator := "\n"
	write = func(e *optgate.Entry) error {
		if e.Record == nil {
			return nil
		}
		r := revisions[e.Record.Revision]
		if r == nil {
			var err error
			if r, err = x.Revisions.Revision(ctx, x.Site, e.Record.Revision); err != nil {
				return err
			}
			revisions[e.Record.Revision] = r
		}
		doc, err := json.Marshal(newISORecord(e, r))
		if err != nil {
			return err
		}
		if err := begin(); err != nil {
			return err
		}
		_, err = io.WriteString(w, separator+string(doc))
		separator = ",\n"
		return err
	}
	end = func() error {
		if err := begin(); err != nil {
			return err
		}
		_, err := io.WriteString(w, "\n]}\n")
		return err
	}
	return write, end
}

// newISORecord says in the terms of the standard what a record says.
func newISORecord(e *optgate.Entry, revision *optgate.Revision) isoRecord {
	r, c := e.Record, &revision.Config
	in := func(t optgate.Text) string { return t.In(r.Language, c.DefaultLanguage(), "en") }
	doc := isoRecord{
		ID: "urn:ulid:" + r.ID, Type: "dpv:ConsentRecord", ConformsTo: isoID{isoProfile}, Schema: "ISO/IEC TS 27560:2023",
		Record: r.ID, Principal: r.Visitor, Proof: e.Link, Processing: []isoProcessing{}, Events: []isoEvent{},
		Parties: []isoParty{{c.Controller.Name, isoID{"dpv:DataController"}, c.Controller.Address, c.Controller.Contact}},
	}
	listed := map[string]bool{c.Controller.Name: true}
	for _, id := range c.Asked() {
		// Where nobody is asked first, she may have said nothing of it.
		if _, answered := r.Choices[id]; !answered {
			continue
		}
		k, _ := c.Category(id)
		title := in(k.Title)
		if title == "" {
			title = string(id)
		}
		p := isoProcessing{
			Purpose: title, PurposeID: string(id), Type: isoPurposes[id], Basis: isoID{"eu-gdpr:A6-1-a"}, Notice: in(c.Policy.URL),
			Language: r.Language, Revision: strconv.Itoa(r.Revision) + " sha256:" + revision.Hash, Panel: r.Panel,
			Withdrawal: "the control that stays on each page of " + c.Origins[0],
		}
		for _, s := range c.ServicesIn(id) {
			p.Services = append(p.Services, isoService{s.Name, in(s.Purpose), s.Policy})
			p.Recipients = append(p.Recipients, s.Provider)
			if s.Country != "" {
				p.Countries = append(p.Countries, s.Country)
			}
			for _, stored := range s.Cookies {
				p.Storage = append(p.Storage, stored.Name)
			}
			if !listed[s.Provider] {
				listed[s.Provider] = true
				doc.Parties = append(doc.Parties, isoParty{Name: s.Provider, Role: isoID{"dpv:Recipient"}, Contact: s.Policy})
			}
		}
		doc.Processing = append(doc.Processing, p)
		doc.Events = append(doc.Events, isoEvent{
			Time: r.At, Validity: "P" + strconv.Itoa(c.ChoiceLifetimeDays()) + "D", Entity: c.Controller.Name,
			Type: "explicit", Method: r.Source, State: isoState(r, id), Purpose: string(id),
		})
	}
	return doc
}

// isoPurposes are the vocabulary's terms for the standard categories.
var isoPurposes = map[optgate.CategoryID]string{
	optgate.Functional: "dpv:ServicePersonalisation", optgate.Analytics: "dpv:ServiceUsageAnalytics", optgate.Marketing: "dpv:Marketing",
}

func isoState(r *optgate.Record, id optgate.CategoryID) isoID {
	switch {
	case r.Choices[id]:
		return isoID{"dpv:ConsentGiven"}
	case r.Action == optgate.Withdraw:
		return isoID{"dpv:ConsentWithdrawn"}
	}
	return isoID{"dpv:ConsentRefused"}
}
