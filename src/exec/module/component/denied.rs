//! `wasi:sockets` and `wasi:http`: there for every component, and denied.
//!
//! Knows what is asked for and which grant would allow it. Does not know how a step ends; it notes what was
//! denied, for the case that the step fails of it. Networks, headers and bodies can be made, as the library
//! makes them, since programs do so before they ask.

use crate::exec::module::quote::{LONGEST_NAME, quoted};
use crate::exec::module::state::StepState;
use crate::model::outcome::Outcome;
use wasmtime::component::{HasSelf, Linker, Resource};
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::{self, ResolveAddressStream};
use wasmtime_wasi::p2::bindings::sockets::network::{self, ErrorCode, IpAddress, IpAddressFamily, Network};
use wasmtime_wasi::p2::bindings::sockets::{instance_network, tcp_create_socket};
use wasmtime_wasi::p2::bindings::sync::sockets::{tcp, udp, udp_create_socket};
use wasmtime_wasi::p2::{DynPollable, SocketError, TcpSocket, UdpSocket};
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsCtxView};
use wasmtime_wasi_http::p2::bindings::http::types;
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostOutgoingRequest};
use wasmtime_wasi_http::{RequestOptions, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks};

/// The most bytes that one set of HTTP headers may have.
const MOST_HEADERS: usize = 16 << 10;

/// The most bytes of a request's body that wait to be sent.
const BODY_CHUNK: usize = 64 << 10;

/// What `stepwell module inspect` says of those that import them.
pub(super) const SOCKETS: &str = "sockets and names of hosts (never granted)";
pub(super) const REQUESTS: &str = "HTTP requests (each needs an entry of sandbox.network, which is not there yet)";

/// What `handle` is called with.
type Request = (Resource<HostOutgoingRequest>, Option<Resource<RequestOptions>>);

/// What the library asks of whoever sends requests.
pub struct NoRequests;

type Sending<T> = Box<dyn Future<Output = Result<T, wasmtime_wasi_http::Error>> + Send>;

impl WasiHttpHooks for NoRequests {
    fn send_request(
        &mut self,
        _request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _sent: Sending<()>,
    ) -> Sending<(http::Response<WasiBody>, Sending<()>)> {
        Box::new(async { Err(types::ErrorCode::HttpRequestDenied.into()) })
    }

    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize {
        1
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_CHUNK
    }
}

/// HTTP's settings.
pub(super) fn context() -> WasiHttpCtx {
    let mut context = WasiHttpCtx::new();
    context.set_field_size_limit(MOST_HEADERS);
    context
}

fn sockets(step: &mut StepState) -> WasiSocketsCtxView<'_> {
    let component = &mut step.component;
    WasiSocketsCtxView { ctx: &mut component.sockets, table: &mut component.table }
}

fn http(step: &mut StepState) -> WasiHttpCtxView<'_> {
    let component = &mut step.component;
    WasiHttpCtxView { hooks: &mut component.hooks, table: &mut component.table, ctx: &mut component.http }
}

/// Adds sockets and HTTP to a linker.
pub(super) fn add_to_linker(linker: &mut Linker<StepState>) -> wasmtime::Result<()> {
    network::add_to_linker::<_, WasiSockets>(linker, &network::LinkOptions::default(), sockets)?;
    instance_network::add_to_linker::<_, WasiSockets>(linker, sockets)?;
    tcp::add_to_linker::<_, WasiSockets>(linker, sockets)?;
    udp::add_to_linker::<_, WasiSockets>(linker, sockets)?;
    tcp_create_socket::add_to_linker::<_, HasSelf<StepState>>(linker, |step| step)?;
    udp_create_socket::add_to_linker::<_, HasSelf<StepState>>(linker, |step| step)?;
    ip_name_lookup::add_to_linker::<_, HasSelf<StepState>>(linker, |step| step)?;
    types::add_to_linker::<_, WasiHttp>(linker, &types::LinkOptions::default(), http)?;
    // The library's own `handle` would start a task that sends.
    let mut handler = linker.instance("wasi:http/outgoing-handler@0.2.12")?;
    handler.func_wrap("handle", |mut store, (request, options): Request| {
        Ok((store.data_mut().refuse_request(request, options)?,))
    })
}

/// What is said instead of a grant for what no entry of `sandbox.network` allows.
const ONLY_HTTP: &str = "`sandbox.network` grants requests of HTTP by host, port, method and path, for modules that send \
                         them through `wasi:http`; sockets are never granted";

impl StepState {
    fn refuse_request(
        &mut self,
        request: Resource<HostOutgoingRequest>,
        options: Option<Resource<RequestOptions>>,
    ) -> wasmtime::Result<Result<Resource<HostFutureIncomingResponse>, types::ErrorCode>> {
        let request = self.component.table.delete(request)?;
        if let Some(options) = options {
            self.component.table.delete(options)?;
        }
        let (capability, grant) = wanted(&request);
        self.deny(capability, grant);
        Ok(Err(types::ErrorCode::HttpRequestDenied))
    }

    /// Notes that something was denied; the first of several is the one that is told.
    fn deny(&mut self, capability: String, grant: String) {
        self.denied.get_or_insert(Outcome::Denied { capability, grant });
    }
}

impl network::Host for StepState {
    fn convert_error_code(&mut self, error: SocketError) -> wasmtime::Result<ErrorCode> {
        error.downcast()
    }

    fn network_error_code(
        &mut self,
        error: Resource<wasmtime_wasi::p2::IoError>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        sockets(self).network_error_code(error)
    }
}

impl network::HostNetwork for StepState {
    fn drop(&mut self, network: Resource<Network>) -> wasmtime::Result<()> {
        network::HostNetwork::drop(&mut sockets(self), network)
    }
}

impl tcp_create_socket::Host for StepState {
    fn create_tcp_socket(&mut self, _family: IpAddressFamily) -> Result<Resource<TcpSocket>, SocketError> {
        self.deny("a TCP socket".to_owned(), ONLY_HTTP.to_owned());
        Err(ErrorCode::AccessDenied.into())
    }
}

impl udp_create_socket::Host for StepState {
    fn create_udp_socket(&mut self, _family: IpAddressFamily) -> Result<Resource<UdpSocket>, SocketError> {
        self.deny("a UDP socket".to_owned(), ONLY_HTTP.to_owned());
        Err(ErrorCode::AccessDenied.into())
    }
}

impl ip_name_lookup::Host for StepState {
    fn resolve_addresses(
        &mut self,
        _network: Resource<Network>,
        name: String,
    ) -> Result<Resource<ResolveAddressStream>, SocketError> {
        self.deny(format!("the address of {}", quoted(&name, LONGEST_NAME)), ONLY_HTTP.to_owned());
        Err(ErrorCode::AccessDenied.into())
    }
}

impl ip_name_lookup::HostResolveAddressStream for StepState {
    fn resolve_next_address(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> Result<Option<IpAddress>, SocketError> {
        sockets(self).resolve_next_address(stream)
    }

    fn subscribe(&mut self, stream: Resource<ResolveAddressStream>) -> wasmtime::Result<Resource<DynPollable>> {
        sockets(self).subscribe(stream)
    }

    fn drop(&mut self, stream: Resource<ResolveAddressStream>) -> wasmtime::Result<()> {
        ip_name_lookup::HostResolveAddressStream::drop(&mut sockets(self), stream)
    }
}

/// What a request asks for, and the entry of `sandbox.network` that would allow it.
fn wanted(request: &HostOutgoingRequest) -> (String, String) {
    let method = match &request.method {
        types::Method::Get => "GET",
        types::Method::Head => "HEAD",
        types::Method::Post => "POST",
        types::Method::Put => "PUT",
        types::Method::Delete => "DELETE",
        types::Method::Connect => "CONNECT",
        types::Method::Options => "OPTIONS",
        types::Method::Trace => "TRACE",
        types::Method::Patch => "PATCH",
        types::Method::Other(method) => method,
    };
    let authority = request.authority.as_deref().unwrap_or_default();
    // What stands before an `@` is a name and a password.
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
        _ if matches!(request.scheme, Some(types::Scheme::Http)) => (authority, "80"),
        _ => (authority, "443"),
    };
    let (host, port) = (quoted(host, LONGEST_NAME), quoted(port, LONGEST_NAME));
    let method = quoted(method, LONGEST_NAME);
    let name = serde_json::Value::from(host.as_str());
    (
        format!("an HTTP request to {host}"),
        format!("sandbox.network: [{{host: {name}, port: {port}, methods: [{method}]}}]"),
    )
}
