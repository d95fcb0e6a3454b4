/** The vectors that other implementations publish: the sample trace of the reference implementation, and the package yacryptopan. */
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { CryptoPan } from "../../src/extract/crypto-pan.ts";

const SAMPLE_KEY = Uint8Array.of(
  ...[21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16],
  ...[216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2],
);
const TEXT_KEY = new TextEncoder().encode("32-char-str-for-AES-key-and-pad.");

const octets = (ip: string): Uint8Array => Uint8Array.from(ipaddr.parse(ip).toByteArray());
const text = (address: Uint8Array): string => ipaddr.fromByteArray([...address]).toString();

describe("addresses of the sample trace", () => {
  it.each([
    ["128.11.68.132", "135.242.180.132"],
    ["129.118.74.4", "134.136.186.123"],
    ["130.132.252.244", "133.68.164.234"],
    ["141.223.7.43", "141.167.8.160"],
    ["141.233.145.108", "141.129.237.235"],
    ["152.163.225.39", "151.140.114.167"],
    ["156.29.3.236", "147.225.12.42"],
    ["165.247.96.84", "162.9.99.234"],
    ["166.107.77.190", "160.132.178.185"],
    ["192.102.249.13", "252.138.62.131"],
  ])("%s becomes %s", (original, expected) => {
    expect(text(new CryptoPan(SAMPLE_KEY).address(octets(original)))).toBe(expected);
  });
});

describe("both families", () => {
  it.each([
    ["192.0.2.1", "192.0.125.244"],
    ["2001:db8::1", "27fe:8bc7:fee:1e:1e1f:f0fe:f0e1:83fd"],
  ])("%s becomes %s", (original, expected) => {
    expect(text(new CryptoPan(TEXT_KEY).address(octets(original)))).toBe(expected);
  });
});
