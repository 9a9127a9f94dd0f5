#!/bin/sh
# Wrote manifests/web01.yaml, with copies of the machine's images in images/.
h2k import --libvirt-xml domains/web01.xml --moved /var/lib/libvirt/images=images --pool-path fast=images
