//! Deployments over a workspace: those of the sample logs are found where their truth says, and those that fields alone tell.

use model::deployment::Deployment;
use model::protocol::{Answer, Ask};

use crate::incidents::with_samples;
use crate::workspace::Workspace;

fn deployments(workspace: &mut Workspace) -> Vec<Deployment> {
    match workspace.ask(Ask::Deployments) {
        Ok(Answer::Deployments(found)) => found,
        other => panic!("no deployments: {other:?}"),
    }
}

fn told(found: &[Deployment]) -> Vec<String> {
    found.iter().map(|found| format!("{} {}→{}", found.service, found.from, found.to)).collect()
}

#[test]
fn the_releases_of_the_sample_logs_are_found_at_the_entries_that_announce_them() {
    let mut workspace = with_samples();
    let found = deployments(&mut workspace);
    assert_eq!(told(&found), ["storefront →5.8.1", "inventory →2.14.0"]);
    let Ok(Answer::Entry(entry)) = workspace.ask(Ask::Entry(found[1].key.into())) else { panic!("it is there") };
    assert!(entry.message.contains("inventory 2.14.0 started"), "{}", entry.message);
    assert_eq!(deployments(&mut workspace), found, "asked again");
}

#[test]
fn each_block_is_read_once_and_its_fields_when_their_columns_are_made() {
    let line = |n: usize| {
        let (hour, minute, version) = (10 + n / 3600, n / 60 % 60, if n < 2000 { "1.0.3" } else { "1.1.0" });
        let stamp = format!("2026-11-20T{hour}:{minute:02}:{:02}Z", n % 60);
        let message = if n == 3000 { "cart 2.14.0 started" } else { "served" };
        format!(r#"{{"time":"{stamp}","service":"web","message":"{message}","service.version":"{version}"}}"#) + "\n"
    };
    let mut workspace = Workspace::in_memory();
    workspace.take_in("web.log", &(0..4000).map(line).collect::<String>(), 16);
    assert!(workspace.n_steps(Ask::Deployments) > 5);
    assert_eq!(workspace.n_steps(Ask::Deployments), 1, "nothing has come");
    assert_eq!(told(&deployments(&mut workspace)), ["web →2.14.0"]);
    for n_made in [100, 100, 50] {
        (0..n_made).for_each(|_| assert!(workspace.store().make_fields().unwrap().is_some()));
        workspace.commit();
        deployments(&mut workspace);
    }
    assert_eq!(told(&deployments(&mut workspace)), ["web 1.0.3→1.1.0", "web →2.14.0"]);
    assert_eq!(workspace.n_steps(Ask::Deployments), 1, "all is known");
}

#[test]
fn a_start_is_found_beside_many_messages_of_jobs_that_run() {
    let line = |n: usize| {
        let message = if n == 70 { "inventory 2.14.0 started".to_owned() } else { format!("job {n} running") };
        format!("2026-11-20T10:{:02}:{:02}Z INFO {message}\n", n / 60, n % 60)
    };
    let mut workspace = Workspace::in_memory();
    workspace.take_in("inventory.log", &(0..140).map(line).collect::<String>(), 140);
    assert_eq!(told(&deployments(&mut workspace)), ["inventory →2.14.0"]);
}

#[test]
fn a_field_that_changes_is_a_deployment_as_soon_as_its_column_is_made() {
    let line = |n: usize| {
        let (hour, minute, version) = (10 + n / 60, n % 60, if n < 60 { "1.0.3" } else { "1.1.0" });
        let stamp = format!("2026-11-20T{hour}:{minute:02}:00Z");
        format!(r#"{{"time":"{stamp}","service":"web","message":"served","service.version":"{version}"}}"#) + "\n"
    };
    let mut workspace = Workspace::in_memory();
    workspace.take_in("web.log", &(0..120).map(line).collect::<String>(), 16);
    assert_eq!(told(&deployments(&mut workspace)), [""; 0]);
    while workspace.store().make_fields().unwrap().is_some() {}
    workspace.commit();
    assert_eq!(told(&deployments(&mut workspace)), ["web 1.0.3→1.1.0"]);
}
