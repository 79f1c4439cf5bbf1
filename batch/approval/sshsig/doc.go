// Package sshsig makes and checks detached signatures in OpenSSH's format SSHSIG, those
// of `ssh-keygen -Y sign`, so that whoever has OpenSSH can check an approval without
// payrun. It knows keys and bytes; whose key it is and what the bytes say is not known
// here.
//
// The format is that of PROTOCOL.sshsig, the forms of hardware keys and of passkeys
// that of PROTOCOL.u2f, both in OpenSSH's source. What counts:
//
//	key                                       signature                                    asks for
//	ssh-ed25519                               ssh-ed25519
//	ecdsa-sha2-nistp256, -nistp384, -nistp521 the same
//	ssh-rsa, 2048 bits and more               rsa-sha2-512, rsa-sha2-256
//	sk-ssh-ed25519@openssh.com                the same                                     a touch
//	sk-ecdsa-sha2-nistp256@openssh.com        the same                                     a touch
//	sk-ecdsa-sha2-nistp256@openssh.com        webauthn-sk-ecdsa-sha2-nistp256@openssh.com  a touch, PIN or finger, the page's origin
//
// The last is a passkey: a browser signs not the message but a JSON text that names the
// message (as its challenge) and the page. Certificates, DSA and SHA-1 do not count.
//
// payrun is stricter than ssh-keygen in four things: a hardware key must have been
// touched, a passkey must have asked for PIN or finger on the expected page, a frame
// within another page does not count, and an encoding that could be written in a
// second way is refused. What is accepted here ssh-keygen accepts, in the armour that
// Armour writes.
package sshsig
