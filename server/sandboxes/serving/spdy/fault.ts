/** The other side breaks the SPDY protocol: the connection ends with a GOAWAY that says so. */
export class SpdyFault extends Error {}
