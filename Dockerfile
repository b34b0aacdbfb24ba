# The server as one static binary, running as a user without rights.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/thidua ./cmd/thidua && mkdir /out/data

# This base has certificates and time zones, and no shell.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/thidua /usr/local/bin/thidua
COPY --from=build --chown=nonroot:nonroot /out/data /data
# Alone, it keeps everything in one file on this volume; THIDUA_STORE names a MongoDB.
ENV THIDUA_DATA=/data THIDUA_ADDR=:8080 THIDUA_STORE=sqlite
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["thidua"]
CMD ["serve"]
