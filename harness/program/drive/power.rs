//! Stopping and starting the server under test, for plans that ask for it.

use std::{
    fmt,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use bits_judge::plan::Switch;
use tokio::time::{Instant, sleep};

use super::{Broken, Driver, raw};

/// How long a server may take to go or to come.
const LONGEST: Duration = Duration::from_secs(60);

/// How long a server that was stopped is waited for to go, where the command has ended.
const LINGERING: Duration = Duration::from_secs(2);

/// How long there is between two looks at it.
const BETWEEN: Duration = Duration::from_millis(20);

/// What a switch comes to; what went wrong, in words.
pub type Switched<'p> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'p>>;

/// Whoever can stop and start the server under test.
pub trait Power: fmt::Debug + Send + Sync {
    /// Whether this can be done.
    fn can(&self, switch: Switch) -> bool;

    /// Does it, or begins to do it. A server that is to be stopped is gone then.
    fn switch(&self, switch: Switch) -> Switched<'_>;

    /// Whether what was begun last has ended.
    ///
    /// # Errors
    ///
    /// If it has failed, in words.
    fn has_ended(&self) -> Result<bool, String>;
}

impl Driver {
    /// Stops or starts the server, and waits until that shows.
    pub(super) async fn switch(&self, power: &dyn Power, switch: Switch) -> Result<(), Broken> {
        // It ends with the server that is there now.
        let mut witness = match switch {
            Switch::Restart | Switch::Stop => raw::Witness::of(self).await,
            Switch::Start => None,
        };
        power.switch(switch).await.map_err(Broken)?;
        self.is_down.store(switch == Switch::Stop, Ordering::Relaxed);
        if switch == Switch::Stop {
            // Who is killed accepts connections for a moment more. What stands in front of the server may keep this one.
            let until = Instant::now() + LINGERING;
            while witness.as_mut().is_some_and(|it| !it.is_over()) && Instant::now() < until {
                sleep(BETWEEN).await;
            }
            return Ok(());
        }
        let until = Instant::now() + LONGEST;
        if let Some(witness) = &mut witness {
            while !power.has_ended().map_err(Broken)? && !witness.is_over() {
                rest_until(until, "the server did not go").await?;
            }
        }
        loop {
            power.has_ended().map_err(Broken)?;
            if self.reach().await.is_ok() {
                return Ok(());
            }
            rest_until(until, "the server did not come back").await?;
        }
    }

    /// Starts the server if a plan that ended early has left it stopped.
    ///
    /// # Errors
    ///
    /// If that cannot be done, in words.
    pub async fn restore(&self) -> Result<(), String> {
        let Some(power) = &self.options.power else { return Ok(()) };
        if !self.is_down.load(Ordering::Relaxed) {
            return Ok(());
        }
        let started = self.switch(power.as_ref(), Switch::Start).await;
        started.map_err(|Broken(reason)| reason)
    }
}

/// A short rest, as long as there is time.
async fn rest_until(until: Instant, told: &str) -> Result<(), Broken> {
    if Instant::now() >= until {
        return Err(Broken(format!("{told} within {} s", LONGEST.as_secs())));
    }
    sleep(BETWEEN).await;
    Ok(())
}

/// Whether a server is down by the will of a plan.
pub(super) type IsDown = AtomicBool;

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::{net::TcpListener, sync::watch};

    use super::*;
    use crate::drive::{Options, Place};
    use bits_judge::{
        plan::{Action, Plan, Step},
        transcript::OutageKind,
    };

    /// A listener that can be taken away and put back where it was.
    #[derive(Debug)]
    struct Plug {
        address: std::net::SocketAddr,
        listening: Mutex<Option<watch::Sender<()>>>,
        done: Mutex<Vec<Switch>>,
    }

    impl Plug {
        async fn new() -> Arc<Self> {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let plug = Self { address, listening: Mutex::default(), done: Mutex::default() };
            plug.listen(listener);
            Arc::new(plug)
        }

        /// Accepts, and closes everything when it is to end.
        fn listen(&self, listener: TcpListener) {
            let (stop, mut stopped) = watch::channel(());
            *self.listening.lock().unwrap() = Some(stop);
            tokio::spawn(async move {
                let mut connections = Vec::new();
                loop {
                    tokio::select! {
                        accepted = listener.accept() => connections.extend(accepted),
                        _ = stopped.changed() => return,
                    }
                }
            });
        }
    }

    impl Power for Plug {
        fn can(&self, _: Switch) -> bool {
            true
        }

        fn switch(&self, switch: Switch) -> Switched<'_> {
            Box::pin(async move {
                self.done.lock().unwrap().push(switch);
                if switch != Switch::Start {
                    *self.listening.lock().unwrap() = None;
                    while tokio::net::TcpStream::connect(self.address).await.is_ok() {}
                }
                if switch != Switch::Stop {
                    self.listen(
                        TcpListener::bind(self.address).await.map_err(|it| it.to_string())?,
                    );
                }
                Ok(())
            })
        }

        fn has_ended(&self) -> Result<bool, String> {
            Ok(true)
        }
    }

    fn step(switch: Switch) -> Step {
        Step { line: 1, ..Step::bare(Action::Switch(switch)) }
    }

    async fn driver(plug: &Arc<Plug>) -> Driver {
        let target = format!("http://{}/", plug.address).parse().unwrap();
        let power: Arc<dyn Power> = Arc::clone(plug) as _;
        Driver::new(target, Options { power: Some(power), ..Options::default() }).unwrap()
    }

    #[tokio::test]
    async fn what_is_done_to_the_server_is_done_in_order_and_recorded() {
        let plug = Plug::new().await;
        let driver = driver(&plug).await;
        let steps = [Switch::Restart, Switch::Stop, Switch::Start].map(step).to_vec();
        let plan = Plan { steps, ..Plan::default() };
        let transcript = driver.drive(&plan, &Place::at("/"), "p.").await;
        assert_eq!(transcript.unfinished, None);
        let kinds: Vec<_> = transcript.outages.iter().map(|outage| outage.kind).collect();
        assert_eq!(kinds, [OutageKind::Restarted, OutageKind::Stopped, OutageKind::Started]);
        assert!(driver.reach().await.is_ok());
    }

    #[tokio::test]
    async fn a_plan_that_leaves_the_server_stopped_does_not_leave_it_so() {
        let plug = Plug::new().await;
        let driver = driver(&plug).await;
        let plan = Plan { steps: vec![step(Switch::Stop)], ..Plan::default() };
        driver.drive(&plan, &Place::at("/"), "p.").await;
        assert!(driver.reach().await.is_ok());
        assert_eq!(*plug.done.lock().unwrap(), [Switch::Stop, Switch::Start]);
    }

    #[tokio::test]
    async fn nothing_is_done_without_being_asked() {
        let plug = Plug::new().await;
        let target = format!("http://{}/", plug.address).parse().unwrap();
        let driver = Driver::new(target, Options::default()).unwrap();
        let plan = Plan { steps: vec![step(Switch::Restart)], ..Plan::default() };
        let transcript = driver.drive(&plan, &Place::at("/"), "p.").await;
        assert!(transcript.skipped[0].reason.contains("no command"), "{transcript}");
        assert_eq!((transcript.outages, plug.done.lock().unwrap().len()), (vec![], 0));
    }
}
