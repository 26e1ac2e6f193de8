package admin

import (
	"fmt"
	"strings"

	"github.com/optgate/optgate/internal/totp"
)

func qrBox(d totp.Drawing) string { return fmt.Sprintf("0 0 %d %d", d.Size, d.Size) }

func joinLines(lines []string) string { return strings.Join(lines, "\n") }
