//! A socket that gives only so many bytes.
//!
//! The database library reads a message whole, whatever length it announces. So the limit is here,
//! below it and below TLS.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes may still be read.
#[derive(Debug)]
pub(super) struct Meter(AtomicUsize);

impl Meter {
    pub(super) const fn new(bytes: usize) -> Self {
        Self(AtomicUsize::new(bytes))
    }

    /// Starts again with so many.
    pub(super) fn allow(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    /// Whether reading has ended for this reason.
    pub(super) fn is_exhausted(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

/// A socket with a meter; either kind of them.
pub(super) struct Metered {
    socket: Pin<Box<dyn Socket>>,
    meter: Arc<Meter>,
}

trait Socket: AsyncRead + AsyncWrite + Send + Sync {}

impl<S: AsyncRead + AsyncWrite + Send + Sync> Socket for S {}

impl Metered {
    pub(super) fn new(
        socket: impl AsyncRead + AsyncWrite + Send + Sync + 'static,
        meter: Arc<Meter>,
    ) -> Self {
        Self {
            socket: Box::pin(socket),
            meter,
        }
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(self.socket.as_mut().poll_read(context, buffer))?;
        let read = buffer.filled().len().saturating_sub(before);
        let left = self.meter.0.load(Ordering::Relaxed).saturating_sub(read);
        self.meter.0.store(left, Ordering::Relaxed);
        Poll::Ready(if left == 0 {
            Err(io::Error::other("more bytes than an answer may have"))
        } else {
            Ok(())
        })
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.socket.as_mut().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.as_mut().poll_shutdown(context)
    }
}
