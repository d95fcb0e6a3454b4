const EXIT_CODES = `
Exit codes:
  0  analyzed, whatever was found (also when a capture is cut short)
  1  a --fail-on condition holds
  2  wrong usage, or nothing readable`;

const EXIT_CODES_WITHOUT_CONDITION = EXIT_CODES.replace(/\n {2}1 .*/, "");

/** Printed after the commands by \`closewait --help\`. */
export const PROGRAM_HELP = `
Examples:
  $ closewait server.pcap                            who is in CLOSE-WAIT, and why
  $ closewait /var/tmp/rotated/                      all files of a rotated capture, as one
  $ tcpdump -i eth0 -w - tcp | closewait -           until Ctrl-C
  $ closewait flows server.pcap --port 8080          every connection of that port
  $ closewait states server.pcap --at +10s --count   the netstat table of that moment
  $ closewait compare client.pcap server.pcap        what was lost between two capture points
  $ closewait server.pcap -f json | jq .holders      for programs; the schema ships with the package
${EXIT_CODES}

All options: closewait analyze --help`;

export const ANALYZE_HELP = `
Words:
  closer       the end whose FIN came first
  holder       the other end: it acknowledged that FIN and has not sent its own (CLOSE-WAIT)
  stuck        half-closed for longer than --min-age, and silent
  draining     half-closed, and the holder still sends
  recent       half-closed for less than --min-age when the capture ended

Examples:
  $ closewait server.pcap --holder 10.0.0.2:8080     only what this server holds
  $ closewait server.pcap --until 2026-11-20T03:00Z  the capture ran until then
  $ closewait ci.pcap --fail-on stuck                a test for leaked sockets
  $ closewait *.pcapng --all --min-age 5s            also half-closes of 5 s or more that ended
  $ ss -tanp | closewait server.pcap --ss -          which of the host's sockets the capture shows
  $ closewait server.pcap --group-by subnet --known-hosts registry.json
${EXIT_CODES}`;

export const FLOWS_HELP = `
Examples:
  $ closewait flows server.pcap --sort bytes --limit 10
  $ closewait flows server.pcap -f ndjson | grep undecided
${EXIT_CODES}`;

export const STATES_HELP = `
Examples:
  $ closewait states server.pcap --at 2026-11-20T02:45:30Z
  $ closewait states server.pcap --count             as netstat -tan | awk would count
  $ closewait states server.pcap --every 10s -f csv --count > states.csv
${EXIT_CODES_WITHOUT_CONDITION}`;

export const EXTRACT_HELP = `
Original packets, times and link types are kept; a flow has all packets of its 4-tuple up to the next connection, copies included.
An -o that ends in .pcap makes a pcap file, any other a pcapng file, which also says how far the source was observed.

Examples:
  $ closewait extract server.pcap -o stuck.pcapng --annotate     what proves each half-close stands in comments
  $ closewait extract rotated/ --all --holder 10.0.0.2:8080 -o held.pcap
  $ closewait extract server.pcap -o vendor.pcapng --anonymize key.bin
  $ closewait extract server.pcap --flow 10.0.0.1:40000-10.0.0.2:8080 -o - | tshark -r -
${EXIT_CODES_WITHOUT_CONDITION}`;

export const SHOW_HELP = `
Flags as tcpdump prints them: S SYN, F FIN, R RST, P data, and a dot for ACK.

Examples:
  $ closewait show server.pcap --flow 10.0.0.1:40000-10.0.0.2:8080
  $ closewait show server.pcap --flow 10.0.0.1:40000-10.0.0.2:8080@1795142720.500000000 -f json
${EXIT_CODES_WITHOUT_CONDITION}`;

export const COMPARE_HELP = `
Each of the two captures is a file, a directory, or a pattern in quotation marks. Connections are recognised by addresses
and initial sequence numbers, behind address translation by the numbers alone; the clocks need not agree.

Examples:
  $ closewait compare client.pcap server.pcap        which FIN was lost between them
  $ closewait compare 'client*.pcap' server/ --all   every connection, with both verdicts
  $ closewait compare client.pcap server.pcap -f json | jq .losses
${EXIT_CODES_WITHOUT_CONDITION}`;

export const ASSERT_HELP = `
Half-closes whose holder still sends are legal: --no-stuck lets them pass. Without
--min-age it counts young ones, too.

Examples:
  $ closewait assert ci.pcap --no-stuck --max-age 5s --every-flow-closed
  $ closewait assert ci.pcap --no-finding never-touched -f junit -o closewait.xml
${EXIT_CODES.replace("a --fail-on condition holds", "an assertion failed")}`;
