"""Addresses: public is what is on nobody's list, in whatever form it comes."""

from ipaddress import ip_address, ip_network

import pytest

from crypto_portfolio_analyzer.channels.addresses import is_allowed, is_public, may_connect

FORBIDDEN = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.254
    168.63.129.16 169.254.169.254 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.170 192.0.0.192
    192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1
    198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808
    64:ff9b:1::7f00:1 64:ff9b:1:abcd::1 100::1 100:0:0:1::1 2001::1 2001:0:7f00:1:: 2001:2::1 2001:10::1 2001:20::1
    2001:1ff:ffff::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe::1 2002:808:808::1 2620:4f:8000::1 3fff::1 3fff:fff::1
    4000::1 5f00::1 fc00::1 fd00:ec2::254 fd12:3456::1 fe80::1 fe80::5efe:127.0.0.1 febf::1 fec0::1 feff::1 ff02::1
    ff0e::1
""".split()
PUBLIC = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 169.253.255.255
    172.15.255.255 172.32.0.1 192.0.1.1 192.167.255.255 198.17.255.255 203.0.114.1 223.255.255.255
    2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111 2a00:1450:4001::1 3ffe:ffff::1
""".split()
ODD = ("2130706433", "0x7f.1", "127.1", "0177.0.0.1", "①②⑦.⓪.⓪.①", "localhost", "127.0.0.1.", "fe80::1%", "")


@pytest.mark.parametrize("text", FORBIDDEN)
def test_what_has_a_special_meaning_is_not_public(text):
    assert not is_public(ip_address(text))
    assert not may_connect(text, 443, ())


@pytest.mark.parametrize("text", PUBLIC)
def test_everything_else_is_public_on_its_ports_only(text):
    assert is_public(ip_address(text))
    assert may_connect(text, 443, ())
    assert may_connect(text, 8443, ())
    assert not any(may_connect(text, port, ()) for port in (22, 25, 80, 5432, 6379))


@pytest.mark.parametrize("host", [*ODD, None, b"127.0.0.1", 2130706433, "/run/socket"])
def test_only_literal_addresses_are_connected_to(host):
    assert not may_connect(host, 443, (ip_network("0.0.0.0/0"), ip_network("::/0")))


def test_an_operators_network_has_every_port():
    own = (ip_network("192.168.7.0/24"),)

    assert may_connect("192.168.7.9", 8080, own)
    assert not may_connect("192.168.8.9", 8080, own)
    assert not may_connect("::ffff:192.168.7.9", 8080, own)
    assert is_allowed(ip_address("192.168.7.1"), own)
