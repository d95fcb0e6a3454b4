/** Names of the LINKTYPE_ registry, https://www.tcpdump.org/linktypes.html, spelled as libpcap's DLT_ constants. */
const LINK_TYPE_NAMES: Readonly<Record<number, string>> = {
  0: "NULL",
  1: "EN10MB",
  3: "AX25",
  6: "IEEE802",
  7: "ARCNET",
  8: "SLIP",
  9: "PPP",
  10: "FDDI",
  12: "RAW", // DLT_RAW itself, written by some tools in place of 101
  14: "RAW", // the same on OpenBSD
  50: "PPP_SERIAL",
  51: "PPP_ETHER",
  100: "ATM_RFC1483",
  101: "RAW",
  104: "C_HDLC",
  105: "IEEE802_11",
  107: "FRELAY",
  108: "LOOP",
  109: "ENC",
  113: "LINUX_SLL",
  114: "LTALK",
  117: "PFLOG",
  119: "PRISM_HEADER",
  122: "IP_OVER_FC",
  123: "SUNATM",
  127: "IEEE802_11_RADIO",
  129: "ARCNET_LINUX",
  138: "APPLE_IP_OVER_IEEE1394",
  143: "DOCSIS",
  144: "LINUX_IRDA",
  163: "IEEE802_11_RADIO_AVS",
  165: "BACNET_MS_TP",
  166: "PPP_PPPD",
  187: "BLUETOOTH_HCI_H4",
  189: "USB_LINUX",
  192: "PPI",
  195: "IEEE802_15_4_WITHFCS",
  197: "ERF",
  201: "BLUETOOTH_HCI_H4_WITH_PHDR",
  204: "PPP_WITH_DIR",
  205: "C_HDLC_WITH_DIR",
  206: "FRELAY_WITH_DIR",
  220: "USB_LINUX_MMAPPED",
  226: "IPNET",
  227: "CAN_SOCKETCAN",
  228: "IPV4",
  229: "IPV6",
  230: "IEEE802_15_4_NOFCS",
  231: "DBUS",
  239: "NFLOG",
  240: "NETANALYZER",
  241: "NETANALYZER_TRANSPARENT",
  242: "IPOIB",
  247: "INFINIBAND",
  248: "SCTP",
  249: "USBPCAP",
  251: "BLUETOOTH_LE_LL",
  252: "WIRESHARK_UPPER_PDU",
  253: "NETLINK",
  254: "BLUETOOTH_LINUX_MONITOR",
  256: "BLUETOOTH_LE_LL_WITH_PHDR",
  258: "PKTAP",
  259: "EPON",
  271: "VSOCK",
  272: "NORDIC_BLE",
  276: "LINUX_SLL2",
};

/** LINKTYPE_USER0 to LINKTYPE_USER15: everybody's own. */
const USER_FIRST = 147;
const USER_LAST = 162;

/** The name of a link type; its number if it has none that is known here. */
export function linkTypeName(linkType: number): string {
  if (linkType >= USER_FIRST && linkType <= USER_LAST) return `USER${linkType - USER_FIRST}`;
  return LINK_TYPE_NAMES[linkType] ?? String(linkType);
}
