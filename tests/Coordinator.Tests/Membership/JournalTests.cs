using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Persistence;
using ClusterBench.Coordinator.Membership;
using ClusterBench.Protocol;
using Microsoft.Data.Sqlite;

namespace ClusterBench.Tests.Membership;

/// <summary>The journal as the node sets it up: a real SQLite file, the settings files as shipped.</summary>
public sealed class JournalTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    [Fact]
    public async Task Events_are_there_after_a_restart_in_a_file_in_WAL_mode_under_their_manifest()
    {
        await using (var node = await StartAsync())
        {
            var writer = node.System.ActorOf(Props.Create(() => new Writer()));
            Assert.Equal("stored", await writer.Ask<string>(new RunQueued { Owner = "a" }, TimeSpan.FromSeconds(20)));
            Assert.Equal("stored", await writer.Ask<string>(new RunQueued { Owner = "b" }, TimeSpan.FromSeconds(20)));
        }

        Assert.Equal("wal", Sql("PRAGMA journal_mode"));
        Assert.Equal("run-queued/1 4711", Sql("SELECT manifest || ' ' || identifier FROM journal WHERE sequence_number = 1"));
        await using var again = await StartAsync();
        Assert.Equal("a b", await again.System.ActorOf(Props.Create(() => new Writer())).Ask<string>("what", TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task What_has_no_serializer_is_refused_and_not_stored_as_JSON()
    {
        await using var node = await StartAsync();
        var writer = node.System.ActorOf(Props.Create(() => new Writer()));
        Assert.Contains(nameof(NotRegistered), await writer.Ask<string>(new NotRegistered("x"), TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
        Assert.Contains("Google.Protobuf", await writer.Ask<string>(new Google.Protobuf.WellKnownTypes.Empty(), TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
        Assert.Equal("0", Sql("SELECT count(*) FROM journal"));
        Assert.ThrowsAny<Exception>(() => node.System.Serialization.FindSerializerFor(new NotRegistered("x")));
    }

    [Fact]
    public async Task Events_of_two_writers_at_once_fail_the_recovery_instead_of_losing_some()
    {
        await using (var node = await StartAsync())
        {
            var writer = node.System.ActorOf(Props.Create(() => new Writer()));
            foreach (var run in (string[])["a", "b", "c"])
            {
                await writer.Ask<string>(new RunQueued { Owner = run }, TimeSpan.FromSeconds(20));
            }
        }

        Sql("UPDATE journal SET writer_uuid = 'another' WHERE sequence_number = 2");
        await using var again = await StartAsync();
        var answer = await again.System.ActorOf(Props.Create(() => new Parent())).Ask<string>("watch", TimeSpan.FromSeconds(30));
        Assert.Equal("recovery failed", answer);
    }

    [Fact]
    public async Task A_port_in_use_is_named_and_the_lease_is_given_back()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        var error = await Assert.ThrowsAsync<UserErrorException>(() => StartAsync(port));
        Assert.Contains($"127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
        CoordinatorLease.Take(folder.File("journal.db")).Dispose();
    }

    [Fact]
    public async Task A_journal_that_is_no_database_is_named_and_the_lease_is_given_back()
    {
        await File.WriteAllTextAsync(folder.File("journal.db"), string.Join('\n', Enumerable.Repeat("this is a text", 100)), TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<UserErrorException>(() => StartAsync());
        Assert.Contains(folder.File("journal.db"), error.Message, StringComparison.Ordinal);
        CoordinatorLease.Take(folder.File("journal.db")).Dispose();
    }

    [Fact]
    public async Task A_node_that_is_stopped_before_it_is_Up_says_so_to_whoever_waits_and_names_no_node_to_join()
    {
        await using var node = await StartAsync();
        await node.StopAsync();
        if (!node.Ready.IsCompletedSuccessfully)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => node.Ready);
        }

        Assert.Null(node.JoinInfo);
    }

    private Task<CoordinatorNode> StartAsync(int port = 0) => CoordinatorNode.StartAsync(
        new CoordinatorNodeOptions { JournalFile = folder.File("journal.db"), Port = port, Embedded = true, Log = static _ => { } }, TestContext.Current.CancellationToken);

    private string? Sql(string text)
    {
        using var connection = new SqliteConnection(SqliteJournal.ConnectionString(folder.File("journal.db")));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar()?.ToString();
    }

    private sealed record NotRegistered(string Text);

    private sealed class Writer : ReceivePersistentActor
    {
        private readonly List<string> runs = [];
        private IActorRef? asking;

        public override string PersistenceId => "writer";

        public Writer()
        {
            Recover<RunQueued>(e => runs.Add(e.Owner));
            Command<string>(_ => Sender.Tell(string.Join(' ', runs)));
            CommandAny(message =>
            {
                asking = Sender;
                Persist(message, _ => asking.Tell("stored"));
            });
        }

        protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => asking.Tell($"failed: {cause}");

        protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) => asking.Tell($"rejected: {cause}");
    }

    private sealed class Parent : ReceiveActor
    {
        public Parent() => Receive<string>(_ =>
        {
            var asking = Sender;
            Context.Watch(Context.ActorOf(Props.Create(() => new Writer()), "writer"));
            Become(() => Receive<Terminated>(_ => asking.Tell("recovery failed")));
        });

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);
    }
}
