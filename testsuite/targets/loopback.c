/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Six bytes by TCP and four by UDP over the loopback device, which is taken up first: port 5678.
 */
//# cc: gcc
//# opt: O2
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct sockaddr_in *here(void)
{
	static struct sockaddr_in address;

	address.sin_family = AF_INET;
	address.sin_port = htons(5678);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return &address;
}

static void take_up(int fd)
{
	struct ifreq request;

	memset(&request, 0, sizeof(request));
	strcpy(request.ifr_name, "lo");
	if (!ioctl(fd, SIOCGIFFLAGS, &request) && !(request.ifr_flags & IFF_UP)) {
		request.ifr_flags |= IFF_UP;
		ioctl(fd, SIOCSIFFLAGS, &request);
	}
}

static int tcp(void)
{
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	int one = 1, accepted;
	char bytes[16];

	take_up(server);
	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(server, (const void *)here(), sizeof(*here())) || listen(server, 1) ||
	    connect(client, (const void *)here(), sizeof(*here())))
		return 1;
	accepted = accept(server, NULL, NULL);
	if (send(client, "hello\n", 6, 0) != 6 || recv(accepted, bytes, sizeof(bytes), 0) != 6)
		return 1;
	return close(client) | close(accepted) | close(server);
}

static int udp(void)
{
	int server = socket(AF_INET, SOCK_DGRAM, 0), client = socket(AF_INET, SOCK_DGRAM, 0);
	char bytes[16];

	if (bind(server, (const void *)here(), sizeof(*here())) ||
	    connect(client, (const void *)here(), sizeof(*here())))
		return 1;
	if (send(client, "ping", 4, 0) != 4 || recv(server, bytes, sizeof(bytes), 0) != 4)
		return 1;
	return close(client) | close(server);
}

int main(void)
{
	return tcp() ? 1 : udp() ? 2 : 0;
}
